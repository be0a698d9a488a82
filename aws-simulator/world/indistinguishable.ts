import { credentialMark, type CredentialReports } from './credential-report';
import type { Instant, SimAccount } from './model';
import { DAY_MS } from './time-line';
import { accountTruth, idleSeconds, type TruthItem, type TruthOptions, type TruthSurroundings } from './truth';

/** When the observer looked: from before its first call to after its judgement, in instants. */
export interface Window {
  from: Instant;
  to: Instant;
}

/**
 * Why no observer of AWS's APIs can be blamed for either verdict:
 * - `changed-while-looking`: true at one end of the window and not at the other (a threshold passed, or a use surfaced);
 * - `report-older-than-change`: a user's credentials changed after the report that AWS hands out again for four hours;
 * - `beyond-tracking`: a threshold longer than the role tracking window, for a role that shows no use within it.
 */
export type IndistinguishableReason = 'changed-while-looking' | 'report-older-than-change' | 'beyond-tracking';

export interface Indistinguishable {
  accountId: string;
  reason: IndistinguishableReason;
  uniqueId: string;
  name: string;
  /** Absent: any check of this identity. */
  check?: TruthItem['check'];
  accessKeyId?: string;
}

export interface ObserverSurroundings extends TruthSurroundings {
  reports: CredentialReports;
  switches: { roleTrackingDays: number };
}

const keyOf = (item: TruthItem): string => `${item.check} ${item.uniqueId} ${item.accessKeyId ?? ''}`;

export function indistinguishable(
  world: ObserverSurroundings,
  account: SimAccount,
  thresholdDays: number,
  window: Window,
  options: TruthOptions = {},
): Indistinguishable[] {
  return [
    ...changed(world, account, thresholdDays, window, options),
    ...staleReport(world, account),
    ...beyondTracking(world, account, thresholdDays, window),
  ];
}

function changed(
  world: ObserverSurroundings,
  account: SimAccount,
  thresholdDays: number,
  window: Window,
  options: TruthOptions,
): Indistinguishable[] {
  const at = (instant: Instant): Map<string, TruthItem> => {
    const { items } = accountTruth(world, account, thresholdDays, { ...options, at: instant });
    return new Map(items.map((item) => [keyOf(item), item]));
  };
  const [start, end] = [at(window.from), at(window.to)];
  const differing = [...[...start].filter(([key]) => !end.has(key)), ...[...end].filter(([key]) => !start.has(key))];
  return differing.map(([, { check, accountId, uniqueId, name, accessKeyId }]) => ({
    accountId,
    reason: 'changed-while-looking',
    uniqueId,
    name,
    check,
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
  }));
}

function staleReport(world: ObserverSurroundings, account: SimAccount): Indistinguishable[] {
  const { accountId } = account.summary;
  const marks = world.reports.marksNow(accountId);
  if (marks === undefined) return [];
  return [...account.users.values()]
    .filter((user) => marks.get(user.uniqueId) !== credentialMark(user))
    .map(({ uniqueId, name }) => ({ accountId, reason: 'report-older-than-change', uniqueId, name }));
}

function beyondTracking(
  world: ObserverSurroundings,
  account: SimAccount,
  thresholdDays: number,
  window: Window,
): Indistinguishable[] {
  const { roleTrackingDays } = world.switches;
  if (thresholdDays <= roleTrackingDays) return [];
  const trackingSeconds = (roleTrackingDays * DAY_MS) / 1_000;
  return [...account.roles.values()]
    .filter(
      (role) =>
        world.lastUses.ofRole(role, window.to) === null && idleSeconds(window.to, role.createdAt) >= trackingSeconds,
    )
    .map(({ uniqueId, name }) => ({
      accountId: account.summary.accountId,
      reason: 'beyond-tracking',
      uniqueId,
      name,
      check: 'unused-role',
    }));
}
