import { newId } from '../../ids';
import type { Baseline } from './baseline/baseline-document';
import { isAgreed, isDecided, needsAgreement, type Placed, reachOf } from './policies-in-force';
import type { PlannedPolicy } from './policy-plan';
import type { StoredPolicy } from './stored-policy';

/** Who saves. */
export interface SavedBy {
  readonly name: string;
  readonly standsFor: string;
  /** Why, for those who read the history. */
  readonly note?: string | null | undefined;
}

/** Of the table `policies`. */
export interface PolicyRow {
  id: string;
  name: string;
  position: number;
  version: number | null;
  proposed_version: number | null;
  proposed_by: string | null;
  proposed_by_stands_for: string | null;
  proposed_at: Date | null;
  widened_by: readonly string[];
}

const NOTHING_PROPOSED = {
  proposed_version: null,
  proposed_by: null,
  proposed_by_stands_for: null,
  proposed_at: null,
} as const;

interface Beside {
  readonly position: number;
  /** What judged before, in order; null: with another baseline. */
  readonly before: readonly Placed[] | null;
  /** What judges afterwards, in order. */
  readonly placed: readonly Placed[];
  readonly baseline: Baseline;
  readonly by: Pick<SavedBy, 'name' | 'standsFor'>;
  readonly at: Date;
}

type Around = Omit<Beside, 'position'>;
type Waits = Omit<PolicyRow, 'id' | 'name' | 'position' | 'version'>;

/** A policy's row after the plan. */
export function rowOf(policy: PlannedPolicy, beside: Beside): PolicyRow {
  const { name, stored, added, waits, withdraws } = policy;
  const { position } = beside;
  const row = { id: stored?.id ?? newId(), name, position };
  const standing = stored?.retiredAt === null ? stored : null;
  const stays = standing?.current?.version ?? null;
  if (added && waits) {
    const widened_by = standing ? widenedBy(standing, beside) : [];
    return { ...row, version: stays, ...proposed(added.version, beside), widened_by };
  }
  if (added) return { ...row, version: added.version, ...NOTHING_PROPOSED, widened_by: [] };
  const rest = standing ? stillWaits(standing, beside, withdraws) : { ...NOTHING_PROPOSED, widened_by: [] };
  return { ...row, version: stays, ...rest };
}

/** What waits of a policy whose content stays. */
export function stillWaits(stored: StoredPolicy, around: Around, withdraws = false): Waits {
  const { proposal, current } = stored;
  const newer = proposal && !withdraws && proposal.version.version !== current?.version;
  // Whether it reaches farther than agreed is asked anew each time: an order that is put back needs no agreement.
  const waits = newer ? again(proposal) : lapsed(stored, around);
  return {
    ...waits,
    widened_by: waits.proposed_version === null && isSettled(stored, around) ? [] : widenedBy(stored, around),
  };
}

/** Whether there is nothing that could come to be asked: the version in force is agreed to, or needs nobody. */
const isSettled = ({ name, current, decision }: StoredPolicy, { placed, baseline }: Around): boolean =>
  !current || !needsAgreement(current.action) || isAgreed(current, decision, reachOf(placed, name, baseline));

/** With whoever changes now what the version in force reaches, or the one that waits. */
function widenedBy({ name, current, proposal, widenedBy: known }: StoredPolicy, around: Around): string[] {
  const { before, placed, baseline, by } = around;
  const reach = (all: readonly Placed[], version: Placed['current']): string =>
    reachOf(
      all.map((one) => (one.name === name ? { name, current: version } : one)),
      name,
      baseline,
    );
  const changes = [current, proposal?.version ?? null].some(
    (version) => version !== null && (before === null || reach(before, version) !== reach(placed, version)),
  );
  return changes ? [...new Set([...known, by.standsFor])] : [...known];
}

/** A version in force that acts by itself and now reaches others than were agreed to needs agreement again. */
function lapsed(stored: StoredPolicy, { placed, baseline, by, at }: Around): Omit<Waits, 'widened_by'> {
  if (!stored.current || !needsAgreement(stored.current.action)) return NOTHING_PROPOSED;
  const { proposal, decision } = stored;
  if (isDecided(stored.current, decision, reachOf(placed, stored.name, baseline))) return NOTHING_PROPOSED;
  if (proposal?.version.version === stored.current.version) return again(proposal);
  return proposed(stored.current.version, { by, at });
}

const proposed = (version: number, { by, at }: Pick<Beside, 'by' | 'at'>) => ({
  proposed_version: version,
  proposed_by: by.name,
  proposed_by_stands_for: by.standsFor,
  proposed_at: at,
});

const again = ({ version, by, standsFor, at }: NonNullable<StoredPolicy['proposal']>) =>
  proposed(version.version, { by: { name: by, standsFor }, at });
