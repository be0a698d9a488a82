import type { Subject } from '../subject';

/** The user or role behind a subject: a password and a key are known by their user. */
export interface PrincipalFacts {
  /** `AIDA…` / `AROA…`; of the root user the AWS account id. */
  readonly uniqueId: string;
  readonly path: string;
  readonly name: string;
  readonly isRoot: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export function principalFacts(subject: Subject): PrincipalFacts {
  switch (subject.kind) {
    case 'role':
      return { ...subject.role, isRoot: false };
    case 'user':
      return subject.user;
    case 'password':
    case 'access-key':
      return subject.owner;
  }
}
