import { z } from 'zod';
import type { EventType } from '../event-type';
import * as examples from '../examples';
import { facts, inAccount, moment, sentences } from '../phrases';
import { text } from '../said';
import { account, time, words } from '../subjects';

const EXAMPLE = {
  account: examples.account,
};

const lostData = z.object({
  account,
  reason: words('Why it cannot be read.').nullable(),
  remedy: words('What to do about it.').nullable(),
});

export const accountLostAccess: EventType<z.infer<typeof lostData>, 'account'> = {
  type: 'account.lost-access',
  what: "An account's role can no longer be assumed. Its findings stay as they were.",
  about: 'account',
  data: lostData,
  example: {
    ...EXAMPLE,
    reason: 'The role mothball-scan cannot be assumed: it does not exist, or does not trust this service.',
    remedy: 'Create the role from the current template, then verify the account.',
  },
  facts: (subject, said) => ({ ...subject, reason: text(said, 'reason'), remedy: text(said, 'remedy') }),
  words: (of) => ({
    title: `Access lost: ${inAccount(of.account)}`,
    text: sentences(of.reason, of.remedy),
    facts: facts({ Account: inAccount(of.account), OU: of.account.organizationalUnit }),
  }),
};

const regainedData = z.object({ account, lostAt: time('Since when it could not be read.').nullable() });

export const accountRegainedAccess: EventType<z.infer<typeof regainedData>, 'account'> = {
  type: 'account.regained-access',
  what: "An account's role can be assumed again.",
  about: 'account',
  data: regainedData,
  example: { ...EXAMPLE, lostAt: '2026-11-20T03:17:00.000Z' },
  facts: (subject, said) => ({ ...subject, lostAt: text(said, 'lostAt') }),
  words: (of) => ({
    title: `Access is back: ${inAccount(of.account)}`,
    text: of.lostAt === null ? 'It can be read again.' : `It could not be read since ${moment(of.lostAt)}.`,
    facts: facts({ Account: inAccount(of.account), OU: of.account.organizationalUnit }),
  }),
};

const leftData = z.object({
  account,
  how: z.enum(['left', 'moved']).meta({
    description:
      'left: it left its organization, or another tenant proved it its own; moved: it was assigned to another tenant.',
  }),
});

export const accountLeft: EventType<z.infer<typeof leftData>, 'account'> = {
  type: 'account.left',
  what: 'An account left its organization, or went to another tenant. It is no longer read here.',
  about: 'account',
  data: leftData,
  example: { ...EXAMPLE, how: 'left' },
  facts: (subject, said) => ({ ...subject, how: text(said, 'how') === 'moved' ? 'moved' : 'left' }),
  words: (of) => ({
    title: `Account left: ${inAccount(of.account)}`,
    text:
      of.how === 'moved'
        ? 'It was assigned to another tenant, with its findings.'
        : 'It left its organization, or another tenant proved it to be its own. It is no longer read.',
    facts: facts({ Account: inAccount(of.account), OU: of.account.organizationalUnit }),
  }),
};
