import { DAY_MS } from '../../clock';
import { minute } from '../actions/refusals/refusal';
import type { PlanItemRow, SignOfLife } from '../items/plan-item';
import type { Observed, ObservedUse, ObservedUser } from '../observed';
import type { ServiceAttempt } from '../reading/service-last-accessed';

/** What AWS says about the use of what an item holds. */
export type Signs =
  | { readonly found: 'life'; readonly life: SignOfLife }
  | { readonly found: 'none' }
  /** Something could not be learnt, and the rest shows no life: nothing is deleted on that. */
  | { readonly found: 'unknown'; readonly reason: string };

interface Use {
  readonly source: SignOfLife['source'];
  readonly what: string;
  readonly use: ObservedUse;
}

type Held = Pick<PlanItemRow, 'course' | 'access_key_id' | 'quarantined_at' | 'began_at' | 'approved' | 'name'>;

/**
 * Use later than this is a sign of life. Not only what came after the quarantine began: last use lags by some four hours,
 * and what was put away was to have been idle for so long by then.
 */
export const lifeSince = (item: Pick<PlanItemRow, 'approved'>, quarantinedAt: Date): Date =>
  new Date(quarantinedAt.getTime() - item.approved.idleDays * DAY_MS);

/**
 * Signs of life in what IAM tells, and in the attempts of service-last-accessed data where the item has them. A key is
 * judged by its own use alone: the data speak of the whole user, whose other key may be in use.
 */
export function signsIn(item: Held, seen: Observed, attempts: readonly ServiceAttempt[]): Signs {
  // One that halted on its way there may be held all the same.
  const heldFrom = item.quarantined_at ?? item.began_at;
  if (heldFrom === null) return { found: 'unknown', reason: 'It is not known since when it is in quarantine.' };
  const since = lifeSince(item, heldFrom);
  const uses = usesOf(item, seen);
  const latest = [...attempts.map(lifeOfAttempt), ...uses.flatMap(lifeOfUse)]
    .filter((life) => life.at > since)
    .sort((a, b) => b.at.getTime() - a.at.getTime())[0];
  if (latest) return { found: 'life', life: { ...latest, at: latest.at.toISOString() } };
  const [unknown] = uses.flatMap(({ what, use }) => (use.known ? [] : [`${what}: ${use.reason}`]));
  return unknown === undefined ? { found: 'none' } : { found: 'unknown', reason: unknown };
}

type Dated = Omit<SignOfLife, 'at'> & { readonly at: Date };

const lifeOfAttempt = ({ service, at, region }: ServiceAttempt): Dated => ({
  source: 'service-last-accessed',
  at,
  detail: `It tried to use ${service}${region === null ? '' : ` in ${region}`} on ${minute(at)}.`,
});

const lifeOfUse = ({ source, what, use }: Use): Dated[] =>
  use.known && use.at ? [{ source, at: use.at, detail: `${what} was used on ${minute(use.at)}.` }] : [];

function usesOf(item: Held, seen: Observed): Use[] {
  if (seen.kind === 'role') return [{ source: 'role-last-used', what: `The role ${seen.name}`, use: seen.lastUse }];
  switch (item.course) {
    case 'access-key':
      return keyUses(seen).filter(({ id }) => id === item.access_key_id);
    case 'password':
      return passwordUses(seen);
    default:
      return [...keyUses(seen), ...passwordUses(seen)];
  }
}

const keyUses = ({ keys }: ObservedUser): (Use & { id: string })[] =>
  keys.map(({ id, lastUse }) => ({ id, source: 'access-key-last-used', what: `The access key ${id}`, use: lastUse }));

const passwordUses = ({ password, name }: ObservedUser): Use[] =>
  password ? [{ source: 'password-last-used', what: `The password of ${name}`, use: password.lastUse }] : [];
