import { z } from 'zod';
import type { EventType } from '../event-type';
import * as examples from '../examples';
import { counted, facts, inAccount, moment, sentences } from '../phrases';
import { text } from '../said';
import { account, scan, words } from '../subjects';

const completeData = z.object({ scan, account });
const data = z.object({
  scan,
  account,
  code: words('What went wrong, for programs: `ACCESS_DENIED` …; null: not known.').nullable(),
  reason: words('What went wrong first.').nullable(),
  remedy: words('What to do about it.').nullable(),
});

type Data = z.infer<typeof data>;

const EXAMPLE = {
  scan: {
    id: examples.exampleId('Scan'),
    finishedAt: '2026-11-22T13:04:58.120Z',
    identities: 1_204,
  },
  account: examples.account,
};

export const scanCompleted: EventType<z.infer<typeof completeData>, 'scan'> = {
  type: 'scan.completed',
  what: 'An account was read completely.',
  about: 'scan',
  data: completeData,
  example: EXAMPLE,
  facts: (subject) => subject,
  words: (of) => ({
    title: `Scan completed: ${inAccount(of.account)}`,
    text: `${counted(of.scan.identities, 'identity was', 'identities were')} read.`,
    facts: facts({ Account: inAccount(of.account), Ended: moment(of.scan.finishedAt) }),
  }),
};

const withGaps = (type: string, what: string, title: string, example: Data): EventType<Data, 'scan'> => ({
  type,
  what,
  about: 'scan',
  data,
  example,
  facts: (subject, said) => ({ ...subject, code: text(said, 'code'), reason: text(said, 'reason') }),
  words: (of) => ({
    title: `${title}: ${inAccount(of.account)}`,
    text: sentences(of.reason, of.remedy),
    facts: facts({ Account: inAccount(of.account), Ended: moment(of.scan.finishedAt), Code: of.code }),
  }),
});

export const scanPartial = withGaps(
  'scan.partial',
  'An account was read with gaps. What is behind them stays as it was: no finding is resolved by it.',
  'Scan with gaps',
  {
    ...EXAMPLE,
    code: 'ACCESS_DENIED',
    reason: 'The credential report could not be read: the role may not call iam:GetCredentialReport.',
    remedy: "Update the role's stack to the current template.",
  },
);

export const scanFailed = withGaps('scan.failed', 'An account could not be read at all.', 'Scan failed', {
  ...EXAMPLE,
  scan: { ...EXAMPLE.scan, identities: 0 },
  code: 'ROLE_NOT_ASSUMABLE',
  reason: 'The role cannot be assumed.',
  remedy: 'Create the role from the current template.',
});
