import { z } from 'zod';
import type { EventType } from '../event-type';
import { counted, facts, moment, sentences } from '../phrases';
import type { Said } from '../said';
import { severity, time, whole, words } from '../subjects';

const digestData = z.object({
  from: time('The events after this moment …'),
  to: time('… and until this one are counted.'),
  findings: z
    .object({
      opened: whole('How many were opened or re-opened.'),
      resolved: whole('How many were resolved.'),
      open: whole('How many are open.'),
    })
    .meta({ description: 'All findings.' }),
  checks: z
    .array(
      z.object({
        check: words('The check.'),
        severity,
        opened: whole('How many were opened or re-opened.'),
        resolved: whole('How many were resolved.'),
        open: whole('How many are open.'),
      }),
    )
    .meta({ description: 'The same by check and severity; none where nothing is open and nothing has changed.' }),
  plansWaiting: whole('Plans that wait for approval.'),
  plansHalted: whole('Plans that were stopped, and wait for people.'),
  deletionsDue: whole('Identities in quarantine that are to be deleted within the next seven days.'),
  accountsNotRead: whole('Accounts that cannot be read: access is lost, or their last scan failed.'),
});

export type DigestData = z.infer<typeof digestData>;

const EXAMPLE: DigestData = {
  from: '2026-11-21T06:12:00.000Z',
  to: '2026-11-22T06:12:00.000Z',
  findings: { opened: 3, resolved: 5, open: 41 },
  checks: [
    { check: 'unused-access-key', severity: 'high', opened: 3, resolved: 1, open: 29 },
    { check: 'unused-role', severity: 'medium', opened: 0, resolved: 4, open: 12 },
  ],
  plansWaiting: 1,
  plansHalted: 0,
  deletionsDue: 2,
  accountsNotRead: 1,
};

const digest = (of: 'daily' | 'weekly', what: string): EventType<DigestData, 'tenant'> => ({
  type: `digest.${of}`,
  what,
  about: 'tenant',
  data: digestData,
  example: EXAMPLE,
  facts: (_subject, said: Said) => digestData.parse(said),
  words: (said) => ({
    title: `${of === 'daily' ? 'Daily' : 'Weekly'} digest: ${counted(said.findings.open, 'open finding')}, ${said.findings.opened.toLocaleString('en')} new, ${said.findings.resolved.toLocaleString('en')} resolved`,
    text: sentences(
      `From ${moment(said.from)} to ${moment(said.to)}.`,
      waiting(said.plansWaiting, 'plan waits for approval', 'plans wait for approval'),
      waiting(said.plansHalted, 'plan was stopped and waits for people', 'plans were stopped and wait for people'),
      waiting(
        said.deletionsDue,
        'identity is to be deleted within seven days',
        'identities are to be deleted within seven days',
      ),
      waiting(said.accountsNotRead, 'account cannot be read', 'accounts cannot be read'),
    ),
    facts: facts(
      Object.fromEntries(
        said.checks.map(({ check, severity: bad, opened, resolved, open }) => [
          `${check} (${bad})`,
          `${open.toLocaleString('en')} open, ${opened.toLocaleString('en')} new, ${resolved.toLocaleString('en')} resolved`,
        ]),
      ),
    ),
  }),
});

const waiting = (count: number, one: string, many: string): string | null =>
  count === 0 ? null : `${counted(count, one, many)}.`;

export const digestDaily = digest(
  'daily',
  'Once a day, for tenants that have an endpoint which asks for daily digests.',
);
export const digestWeekly = digest(
  'weekly',
  'Every Monday, for tenants that have an endpoint which asks for weekly digests.',
);
