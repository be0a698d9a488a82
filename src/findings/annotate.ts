import { daysBetween } from '../clock';
import type { IdentityKind, LastUsed } from '../scans/inventory';
import type { Verdict } from './check';
import { reached } from '../scans/idle';

/** The compliance types of AWS Config, as its sample rule for unused roles reports them. */
export type ConfigStatus = 'COMPLIANT' | 'NON_COMPLIANT' | 'INSUFFICIENT_DATA';

export function configStatus(state: Verdict['state']): ConfigStatus {
  switch (state) {
    case 'compliant':
    case 'exempt':
      return 'COMPLIANT';
    case 'non-compliant':
      return 'NON_COMPLIANT';
    case 'unknown':
      return 'INSUFFICIENT_DATA';
  }
}

/** What an annotation tells of; `idleDays` is the threshold. */
export interface Annotated {
  readonly kind: IdentityKind;
  readonly lastUsed: LastUsed;
  readonly bornAt: Date | null;
  readonly idleDays: number;
}

const NAMES: Record<IdentityKind, string> = {
  user: 'User',
  role: 'Role',
  password: 'Password',
  'access-key': 'Access key',
};

/**
 * The third column of the TSV report, in the words and the order of AWS's sample rule: whitelisted, young, no record
 * of usage, idle days and region. Counts days, so it is made when it is shown and never stored. For checks that
 * measure idle time; of the others the verdict's `why` is the annotation.
 */
export function annotation(verdict: Verdict, identity: Annotated, at: Date): string {
  const name = NAMES[identity.kind];
  if (verdict.state === 'exempt') return `${name} is whitelisted`;
  if (verdict.state === 'unknown') return `Unknown: ${verdict.reason}`;
  const { bornAt, lastUsed } = identity;
  if (bornAt && !reached(bornAt, identity.idleDays, at)) return `${name} age is ${daysBetween(bornAt, at)} days`;
  if (lastUsed.state !== 'at') return 'No record of usage';
  const region = lastUsed.region ? ` in ${lastUsed.region}` : '';
  return `Was used ${daysBetween(lastUsed.at, at)} days ago${region}`;
}
