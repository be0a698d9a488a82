import type { ApprovedFacts } from '../items/plan-item';
import { type Candidate, describedBy } from './courses';
import { lastUseOf } from './idle-rule';

/** What the inventory says of it: what the approval is given for. */
export function approvedFacts(candidate: Candidate, idleDays: number): ApprovedFacts {
  const { principal } = candidate;
  const described = describedBy(principal);
  const user = principal.kind === 'user' ? principal.stored.user : null;
  const credentials = user?.credentials.state === 'known' ? user.credentials.value : null;
  const lastUse = lastUseOf(candidate);
  return {
    createdAt: wholeSeconds(described.createdAt),
    boundaryArn: described.boundaryArn,
    tags: described.tags,
    attachedPolicyArns: [...described.attachedPolicyArns].sort(),
    inlinePolicyNames: [...described.inlinePolicyNames].sort(),
    groups: [...(user?.groups ?? [])].sort(),
    instanceProfileArns: principal.kind === 'role' ? [...principal.stored.role.instanceProfileArns].sort() : [],
    keys: (credentials?.accessKeys ?? [])
      .flatMap(({ accessKeyId, createdAt, active }) =>
        createdAt === null ? [] : [{ id: accessKeyId, createdAt: wholeSeconds(createdAt), active }],
      )
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0)),
    hasPassword: credentials?.password != null,
    passwordChangedAt: credentials?.password?.lastChangedAt ? wholeSeconds(credentials.password.lastChangedAt) : null,
    lastUsedAt: lastUse && wholeSeconds(lastUse),
    idleDays,
  };
}

/** AWS's own dates have whole seconds, and are compared so. */
const wholeSeconds = (date: Date): string => new Date(Math.floor(date.getTime() / 1000) * 1000).toISOString();
