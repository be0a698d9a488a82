import type { SimAccount, SimRole, SimUser } from '../world/model';

/** Temporary credentials from `AssumeRole`; expiry is real time, whatever was let pass: the caller's clock is real. */
export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  accountId: string;
  roleName: string;
  roleUniqueId: string;
  sessionName: string;
  sourceIdentity: string | undefined;
  sessionPolicies: string[] | undefined;
  tags: Map<string, string>;
  transitiveTagKeys: string[];
  /** By AWS's clock, which may be ahead. */
  issuedAt: number;
  expiresAt: number;
}

interface PrincipalBase {
  account: SimAccount;
  /** As `GetCallerIdentity` and refusals show it. */
  arn: string;
  /** `aws:PrincipalArn`: the user, or the role behind the session. */
  identityArn: string;
  /** `aws:userid`. */
  userId: string;
  accessKeyId: string;
}

export interface UserPrincipal extends PrincipalBase {
  kind: 'user';
  user: SimUser;
}

export interface RolePrincipal extends PrincipalBase {
  kind: 'role';
  role: SimRole;
  session: Session;
}

export interface RootPrincipal extends PrincipalBase {
  kind: 'root';
}

export type Principal = UserPrincipal | RolePrincipal | RootPrincipal;

/** `AIDA…`, `AROA…`, or the account id for root: what owns jobs and what trust policies bind to. */
export function uniqueIdOf(principal: Principal): string {
  switch (principal.kind) {
    case 'user':
      return principal.user.uniqueId;
    case 'role':
      return principal.role.uniqueId;
    case 'root':
      return principal.account.summary.accountId;
  }
}
