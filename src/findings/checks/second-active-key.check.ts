import type { InventoryAccessKey } from '../../scans/inventory';
import { auditKeys } from '../audit';
import type { Check } from '../check';
import { RISK } from '../check';
import { idleTime } from '../../scans/idle';
import { KEY_IDS, REPORT } from '../permissions';
import { putKeyAway } from '../remediation';
import { oneActiveKey } from '../standards';
import { day, usage } from '../wording';

/**
 * Which of two active keys is the second one: the less recently used (no recorded use is the longest ago), then the
 * older, then the lower slot. CIS only says "one of them"; this one is the likelier to be missed by nobody.
 */
function isSecond(key: InventoryAccessKey, sibling: InventoryAccessKey): boolean {
  const used = ({ lastUsed }: InventoryAccessKey): number => (lastUsed.state === 'at' ? lastUsed.at.getTime() : 0);
  const created = ({ createdAt }: InventoryAccessKey): number => createdAt?.getTime() ?? 0;
  const order = used(key) - used(sibling) || created(key) - created(sibling) || key.slot - sibling.slot;
  return order < 0;
}

const describe = ({ createdAt, lastUsed }: InventoryAccessKey): string =>
  `${usage(lastUsed)}${createdAt ? `, created on ${day(createdAt)}` : ''}`;

export const secondActiveKey: Check<'access-key'> = {
  id: 'second-active-key',
  kind: 'access-key',
  title: 'A user should have one active access key',
  severity: 'low',
  risk: RISK.low,
  rationale: 'Two active keys are for the minutes of a rotation; kept longer, they double what can leak.',
  standards: oneActiveKey,
  permissions: [...REPORT, ...KEY_IDS],
  measures: 'fact',
  defaultIdleDays: null,
  provisional: false,
  audit: auditKeys('Look for users with two active keys.'),
  remediation: putKeyAway,
  judge({ key, sibling, owner }) {
    if (owner.isRoot || !key.active) return undefined;
    if (!sibling?.active) return { state: 'compliant', why: 'The only active access key of its user.' };
    const unread = [key, sibling].find(({ lastUsed }) => lastUsed.state === 'unknown');
    if (unread?.lastUsed.state === 'unknown') {
      const reason = `The user has two active keys; which is the less used is not known: ${unread.lastUsed.reason}`;
      return { state: 'unknown', cause: 'unread', reason };
    }
    const both = `This one: ${describe(key)}; the other${sibling.accessKeyId ? ` (${sibling.accessKeyId})` : ''}: ${describe(sibling)}.`;
    if (!isSecond(key, sibling)) return { state: 'compliant', why: `The more used of two active keys. ${both}` };
    const why = `The less used of two active keys. ${both}`;
    return { state: 'non-compliant', why, ...idleTime(key.lastUsed, key.createdAt) };
  },
};
