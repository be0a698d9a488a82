import { z } from 'zod';
import type { EventType } from '../event-type';
import * as examples from '../examples';
import { capital, facts, inAccount, sentences, the } from '../phrases';
import { account, finding, id, identity, owner, type Subjects, words } from '../subjects';

const common = { finding, identity, account, owner };
const data = z.object(common);
const resolvedData = z.object({
  ...common,
  resolution: words(
    'compliant, gone, check-disabled, or showed-life: it was used in quarantine. Null: it is open again by now.',
  ).nullable(),
});
const exemptData = z.object({
  ...common,
  exemption: z
    .object({ id: id('the exemption; null: a setting of the policy spares it').nullable(), reason: words('Why.') })
    .meta({ description: 'What spares it.' }),
});

type Data = z.infer<typeof data>;
type Event<D = Data> = EventType<D, 'finding'>;

const EXAMPLE: Data = {
  finding: {
    id: examples.exampleId('Finding'),
    check: 'unused-access-key',
    severity: 'high',
    why: 'Last used on 2026-01-14, 312 days ago.',
    idleDays: 312,
    firstSeenAt: '2026-11-22T13:05:00.000Z',
  },
  identity: examples.accessKey,
  account: examples.account,
  owner: 'team-payments',
};

function wordsOf(of: Data, what: string, text: string): ReturnType<Event['words']> {
  const where = inAccount(of.account);
  return {
    title: `${what}: ${of.finding.check}, ${the(of.identity)} in ${where}`,
    text,
    facts: facts({
      Check: of.finding.check,
      Severity: of.finding.severity,
      Identity: the(of.identity),
      ARN: of.identity.arn,
      Account: where,
      OU: of.account.organizationalUnit,
      Owner: of.owner,
    }),
  };
}

const standing = (type: string, what: string, title: string): Event => ({
  type,
  what,
  about: 'finding',
  data,
  example: EXAMPLE,
  facts: (subject) => subject,
  words: (of) => wordsOf(of, title, of.finding.why),
});

export const findingOpened = standing(
  'finding.opened',
  'A check found something that it had not found before, or that had been exempt until now.',
  'New finding',
);

export const findingReopened = standing('finding.reopened', 'A resolved finding is there again.', 'Finding is back');

const RESOLUTIONS: Readonly<Record<string, string>> = {
  compliant: 'It meets the check now.',
  gone: 'It no longer exists.',
  'check-disabled': 'The policy no longer asks for this check.',
  'showed-life': 'It was used while in quarantine, and was given back.',
};

export const findingResolved: Event<z.infer<typeof resolvedData>> = {
  type: 'finding.resolved',
  what: 'A finding is no longer so.',
  about: 'finding',
  data: resolvedData,
  example: { ...EXAMPLE, resolution: 'gone' },
  facts: (subject) => subject,
  words: (of) => wordsOf(of, 'Resolved', RESOLUTIONS[of.resolution ?? ''] ?? capital(of.finding.why)),
};

export const findingExempt: Event<z.infer<typeof exemptData>> = {
  type: 'finding.exempt',
  what: 'An exemption, or a setting of the policy, spares what was found.',
  about: 'finding',
  data: exemptData,
  example: {
    ...EXAMPLE,
    exemption: { id: examples.exampleId('Exemption'), reason: 'Needed for the yearly audit.' },
  },
  facts: (subject: Subjects['finding']) => ({
    ...subject,
    exemption: { id: subject.exemptionId, reason: subject.exemptReason ?? '' },
  }),
  words: (of) => wordsOf(of, 'Exempt', sentences(of.finding.why, `Spared: ${of.exemption.reason}`)),
};
