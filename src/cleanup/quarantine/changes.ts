import { awsPolicyArn } from '../../aws/arns';
import type { ActionContext } from '../action';
import { actionFor } from '../actions';
import { isDone } from '../actions/refusals/intended';
import { takesAccess } from '../execution/steps/step-effects';
import { silencesKey, usesBoundary } from '../items/course-facts';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed, ObservedRole, ObservedUser } from '../observed';
import type { Refusal } from '../steps';

/** What somebody else has done to what is in quarantine. */
export type SomebodysDoing =
  /** Deleted, made anew, or taken out of quarantine: there is nothing left to hold. */
  | { readonly what: 'ended'; readonly why: Refusal }
  /** Taken out of quarantine in part: the rest is given back. */
  | { readonly what: 'wanted-back'; readonly why: Refusal }
  /** Anything else: people have to look. */
  | { readonly what: 'changed'; readonly why: Refusal };

const PEOPLE_DECIDED = 'Nothing: whoever did it needs it. Exempt it, so that it is not proposed again.';
const LOOK = 'Find out who did it and why. Then have the item restored, or undo the change and have the item go on.';

const second = (at: Date): number => Math.floor(at.getTime() / 1_000);

/**
 * What somebody else has done since the snapshot was taken; null: nothing. Clean-up itself has done no more until now
 * than to put the boundary there and to make keys inactive, so anything else that differs is another's.
 */
export function somebodysDoing(seen: Observed | null, context: ActionContext): SomebodysDoing | null {
  const { item, snapshot } = context;
  const what = item.course === 'role' ? 'role' : 'user';
  if (seen === null) return ended('GONE', `Somebody has deleted the ${what} ${item.name}.`, 'Nothing: it is gone.');
  if (seen.uniqueId !== item.principal_id || second(seen.createdAt) !== second(new Date(item.approved.createdAt))) {
    const reason = `Somebody has deleted the ${what} ${item.name} and made another one of that name.`;
    return ended('RE_CREATED', reason, 'Nothing: the new one has not been touched.');
  }
  const released = usesBoundary(item.course) ? releasedPrincipal(seen, context) : releasedCredential(seen, context);
  if (released) return released;
  if (snapshot === null || !usesBoundary(item.course)) return null;
  const differing = differences(snapshot, seen);
  if (differing.length === 0) return null;
  const when = wasHeld(context) ? 'While it was in quarantine' : 'Before it was in quarantine';
  const reason = `${when} somebody changed ${list(differing)} of the ${what} ${item.name}.`;
  return { what: 'changed', why: { code: 'CHANGED', reason, remedy: LOOK } };
}

const ended = (code: string, reason: string, remedy: string): SomebodysDoing => ({
  what: 'ended',
  why: { code, reason, remedy },
});

/** One that halted on its way there may never have been in quarantine: then nobody has taken it out. */
const wasHeld = ({ item, intended }: ActionContext): boolean =>
  item.quarantined_at !== null || intended.some((step) => takesAccess(step) && isDone(step));

function releasedPrincipal(seen: Observed, context: ActionContext): SomebodysDoing | null {
  const { item } = context;
  const silenced = item.silenced_at !== null && seen.kind === 'user';
  if (seen.boundaryArn !== awsPolicyArn(seen.partition, 'AWSDenyAll') && wasHeld(context)) {
    const reason = `Somebody has taken the quarantine’s boundary off ${seen.name}.`;
    const why = { code: 'NO_QUARANTINE', reason, remedy: PEOPLE_DECIDED };
    // Keys are inactive by our doing, maybe not all of them yet: they come back, too.
    const isLeft = silenced || actionFor(item.course, 'quarantine').undo(seen, context).length > 0;
    return { what: isLeft ? 'wanted-back' : 'ended', why };
  }
  if (item.course === 'observed-key' && seen.kind === 'user' && !keyOf(item, seen)) {
    const reason = `Somebody has deleted the access key ${item.access_key_id}.`;
    return { what: 'wanted-back', why: { code: 'GONE', reason, remedy: 'Nothing: it is gone.' } };
  }
  const active = silenced ? seen.keys.find((key) => key.active && silencesKey(item, key.id)) : undefined;
  if (!active) return null;
  const reason = `Somebody has made the access key ${active.id} active again.`;
  return { what: 'wanted-back', why: { code: 'ACTIVE_AGAIN', reason, remedy: PEOPLE_DECIDED } };
}

function releasedCredential(seen: Observed, context: ActionContext): SomebodysDoing | null {
  const { item } = context;
  if (seen.kind === 'role') return null;
  if (item.course === 'password') return releasedPassword(seen, context);
  const key = keyOf(item, seen);
  if (!key) return ended('GONE', `Somebody has deleted the access key ${item.access_key_id}.`, 'Nothing: it is gone.');
  if (!key.active || !wasHeld(context)) return null;
  return ended('ACTIVE_AGAIN', `Somebody has made the access key ${key.id} active again.`, PEOPLE_DECIDED);
}

function releasedPassword(seen: ObservedUser, { item, snapshot }: ActionContext): SomebodysDoing | null {
  if (!seen.password)
    return ended('GONE', `Somebody has deleted the password of ${item.name}.`, 'Nothing: it is gone.');
  const before = snapshot?.kind === 'user' ? snapshot.password : null;
  if (!before || second(seen.password.createdAt) === second(before.createdAt)) return null;
  return ended('PASSWORD_CHANGED', `The password of ${item.name} was set anew meanwhile.`, PEOPLE_DECIDED);
}

const keyOf = ({ access_key_id: id }: PlanItemRow, { keys }: ObservedUser) => keys.find((key) => key.id === id);

/** What differs, in words; `active` of keys, last use and the boundary aside. */
function differences(before: Observed, now: Observed): string[] {
  const differing = [
    [same(before.tags, now.tags), 'the tags'],
    [sameSet(before.attachedPolicyArns, now.attachedPolicyArns), 'the attached policies'],
    [same(before.inlinePolicies, now.inlinePolicies), 'the inline policies'],
    ...(before.kind === 'role' && now.kind === 'role' ? roleDifferences(before, now) : []),
    ...(before.kind === 'user' && now.kind === 'user' ? userDifferences(before, now) : []),
  ] as const;
  return differing.flatMap(([equal, what]) => (equal ? [] : [what]));
}

const roleDifferences = (before: ObservedRole, now: ObservedRole): [boolean, string][] => [
  [before.trustPolicy === now.trustPolicy, 'the trust policy'],
  [sameSet(before.instanceProfileArns, now.instanceProfileArns), 'the instance profiles'],
];

const userDifferences = (before: ObservedUser, now: ObservedUser): [boolean, string][] => [
  [sameSet(before.groups, now.groups), 'the groups'],
  [sameSet(ids(before.keys), ids(now.keys)), 'the access keys'],
  [before.password?.createdAt.getTime() === now.password?.createdAt.getTime(), 'the password'],
  [sameSet(states(before.certificates), states(now.certificates)), 'the signing certificates'],
  [sameSet(states(before.sshKeys), states(now.sshKeys)), 'the SSH keys'],
  [sameSet(states(before.serviceCredentials), states(now.serviceCredentials)), 'the service-specific credentials'],
  [sameSet(serials(before), serials(now)), 'the MFA devices'],
];

const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);
const states = (list: readonly { readonly id: string; readonly active: boolean }[]): string[] =>
  list.map(({ id, active }) => `${id} ${active}`);
const serials = ({ mfaDevices }: ObservedUser): string[] => mfaDevices.map(({ serialNumber }) => serialNumber);

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n');

const same = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  sameSet(Object.entries(a).map(String), Object.entries(b).map(String));

const list = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
