import { isDeepStrictEqual } from 'node:util';
import type { ActionContext } from '../../action';
import type { Observed, ObservedRole, ObservedUser } from '../../observed';
import { step } from '../../requests';
import type { Step } from '../../steps';
import { mayHaveDone } from '../refusals/intended';
import { missingOfRole } from './role-steps';
import { missingOfUser } from './user-steps';

/** Tags that begin `aws:` are AWS's own: nobody can set them. */
export const settableTags = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags)
    .filter(([key]) => !key.toLowerCase().startsWith('aws:'))
    .map(([Key, Value]) => ({ Key, Value }));

const made = ({ path, tags, boundaryArn }: Observed) => {
  const Tags = settableTags(tags);
  return {
    Path: path,
    ...(Tags.length > 0 ? { Tags } : {}),
    // With the creation, not after it: there is no moment without.
    ...(boundaryArn === null ? {} : { PermissionsBoundary: boundaryArn }),
  };
};

/** A user as it was saved, for one that is gone or has only some of it. Nobody can use it before a credential is made. */
export function userAgain(saved: ObservedUser, seen: ObservedUser | null): Step[] {
  if (seen) return missingOfUser(saved, seen);
  return [step('iam:CreateUser', { UserName: saved.name, ...made(saved) }), ...missingOfUser(saved, bareUser(saved))];
}

export function roleAgain(saved: ObservedRole, seen: ObservedRole | null): Step[] {
  if (seen) return missingOfRole(saved, seen);
  return [
    step('iam:CreateRole', {
      RoleName: saved.name,
      AssumeRolePolicyDocument: saved.trustPolicy,
      MaxSessionDuration: saved.maxSessionSeconds,
      ...(saved.description ? { Description: saved.description } : {}),
      ...made(saved),
    }),
    ...missingOfRole(saved, bareRole(saved)),
  ];
}

const bareUser = (saved: ObservedUser): ObservedUser => ({
  ...saved,
  attachedPolicyArns: [],
  inlinePolicies: {},
  groups: [],
  certificates: [],
  sshKeys: [],
});

const bareRole = (saved: ObservedRole): ObservedRole => ({
  ...saved,
  attachedPolicyArns: [],
  inlinePolicies: {},
  instanceProfileArns: [],
});

/** By what they say, however they are written. */
function isSameDocument(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
  } catch {
    return false;
  }
}

/**
 * Whether somebody with another unique id under the saved name is the one that we are making again: we asked for it, and
 * it has nothing that the saved one had not.
 */
export function isMadeByUs(saved: Observed, seen: Observed, context: ActionContext): boolean {
  const asked =
    saved.kind === 'user'
      ? mayHaveDone(context, 'iam:CreateUser', { UserName: saved.name })
      : mayHaveDone(context, 'iam:CreateRole', { RoleName: saved.name });
  if (!asked || seen.kind !== saved.kind || seen.name !== saved.name || seen.path !== saved.path) return false;
  if (seen.awsAccountId !== saved.awsAccountId || seen.boundaryArn !== saved.boundaryArn) return false;
  const within = (some: readonly string[], all: readonly string[]): boolean => some.every((one) => all.includes(one));
  const tags = (of: Observed): string => JSON.stringify(settableTags(of.tags).sort((a, b) => (a.Key < b.Key ? -1 : 1)));
  return (
    tags(seen) === tags(saved) &&
    within(seen.attachedPolicyArns, saved.attachedPolicyArns) &&
    Object.entries(seen.inlinePolicies).every(([name, document]) => saved.inlinePolicies[name] === document) &&
    (seen.kind === 'user' && saved.kind === 'user'
      ? within(seen.groups, saved.groups) && seen.keys.length === 0 && seen.password === null
      : seen.kind === 'role' &&
        saved.kind === 'role' &&
        within(seen.instanceProfileArns, saved.instanceProfileArns) &&
        // Whoever made a role of that name meanwhile decides whom it trusts: it is not given what the saved one had.
        isSameDocument(seen.trustPolicy, saved.trustPolicy))
  );
}
