import { z } from 'zod';
import type { EventType } from '../event-type';
import * as examples from '../examples';
import { facts, inAccount, moment, sentences, the } from '../phrases';
import { type Said, text } from '../said';
import { account, identity, item, owner, plan, type Subjects, time, words } from '../subjects';

const common = { item, plan, identity, account, owner };

const data = z.object({
  ...common,
  by: words('Who asked for it; null: the service.').nullable(),
  code: words('Why, for programs; null: there is nothing to say.').nullable(),
  reason: words('Why.').nullable(),
});
const stoppedData = z.object({ ...data.shape, remedy: words('What to do about it.').nullable() });
const lifeData = z.object({
  ...common,
  source: words('What told of it: service-last-accessed, role-last-used, access-key-last-used …').nullable(),
  usedAt: time('When it was used; null: AWS did not say.').nullable(),
  reason: words('What was used, and where.').nullable(),
});
const dueData = z.object({ ...common, dueAt: time('Not before then.').nullable() });

type Data = z.infer<typeof data>;
type Common = Pick<Data, 'item' | 'plan' | 'identity' | 'account' | 'owner'>;
type Event<D = Data> = EventType<D, 'item'>;

const EXAMPLE: Common = {
  item: { id: examples.exampleId('PlanItem'), checks: ['unused-role'] },
  plan: examples.plan,
  identity: examples.role,
  account: examples.account,
  owner: 'team-payments',
};

function wordsOf(of: Common, what: string, text: string): ReturnType<Event['words']> {
  return {
    title: `${what}: ${the(of.identity)} in ${inAccount(of.account)}`,
    text,
    facts: facts({
      Identity: the(of.identity),
      ARN: of.identity.arn,
      Account: inAccount(of.account),
      OU: of.account.organizationalUnit,
      Owner: of.owner,
      Plan: of.plan.title,
      Checks: of.item.checks.join(', '),
    }),
  };
}

const said = (subject: Subjects['item'], heard: Said) => ({
  ...subject,
  by: text(heard, 'by'),
  code: text(heard, 'code'),
  reason: text(heard, 'reason'),
});

const told = (type: string, what: string, title: string, otherwise: string): Event => ({
  type,
  what,
  about: 'item',
  data,
  example: { ...EXAMPLE, by: null, code: null, reason: null },
  facts: said,
  words: (of) => wordsOf(of, title, of.reason ?? otherwise),
});

export const identityQuarantined = told(
  'identity.quarantined',
  'Something is in quarantine: it cannot be used, nothing of it is deleted, and it is given back when it shows life. A password is only announced.',
  'In quarantine',
  'It cannot be used now. It is given back at once when something needs it.',
);

export const identitySilenced = told(
  'identity.silenced',
  "A user's keys are inactive as well, in the last hours before it is deleted.",
  'Silenced',
  'Its keys are inactive as well, in the last hours before it is deleted.',
);

export const identityRestored = told(
  'identity.restored',
  'Something was given back from quarantine, as it was.',
  'Given back',
  'It is as it was before.',
);

export const identityDeleted = told('identity.deleted', 'Something was deleted.', 'Deleted', 'It no longer exists.');

export const identityRecreated = told(
  'identity.recreated',
  'A deleted user or role was made again from what was kept.',
  'Made again',
  'It was made again from what was kept. Its unique id is a new one.',
);

export const identityShowedLife: Event<z.infer<typeof lifeData>> = {
  type: 'identity.showed-life',
  what: 'Something in quarantine was used: it is given back at once.',
  about: 'item',
  data: lifeData,
  example: {
    ...EXAMPLE,
    source: 'role-last-used',
    usedAt: '2026-11-22T12:40:00.000Z',
    reason: 'The role was used on 2026-11-22 in eu-central-1.',
  },
  facts: (subject, heard) => ({
    ...said(subject, heard),
    source: text(heard, 'source'),
    usedAt: text(heard, 'usedAt'),
  }),
  words: (of) => wordsOf(of, 'Showed life', sentences(of.reason, 'It is given back.')),
};

export const identityQuarantineDue: Event<z.infer<typeof dueData>> = {
  type: 'identity.quarantine-due',
  what: "A plan that takes it in was approved: it goes into quarantine, at the plan's pace, from then on.",
  about: 'item',
  data: dueData,
  example: { ...EXAMPLE, dueAt: '2026-11-23T20:00:00.000Z' },
  facts: (subject, heard) => ({ ...subject, dueAt: text(heard, 'dueAt') }),
  words: (of) =>
    wordsOf(
      of,
      'To be quarantined',
      of.dueAt === null
        ? 'It goes into quarantine as soon as a change window opens.'
        : `It goes into quarantine, not before ${moment(of.dueAt)}.`,
    ),
};

export const identityDeletionDue: Event<z.infer<typeof dueData>> = {
  type: 'identity.deletion-due',
  what: 'Something in quarantine is to be deleted; told two days before, unless its grace itself is shorter.',
  about: 'item',
  data: dueData,
  example: { ...EXAMPLE, dueAt: '2026-11-24T13:05:00.000Z' },
  facts: (subject, heard) => ({ ...subject, dueAt: text(heard, 'dueAt') ?? subject.deletionDueAt }),
  words: (of) =>
    wordsOf(
      of,
      'To be deleted',
      sentences(
        of.dueAt === null ? 'It is to be deleted.' : `It is to be deleted, not before ${moment(of.dueAt)}.`,
        'Whoever needs it can have it back until then.',
      ),
    ),
};

const stopped = (type: string, what: string, title: string, example: Partial<z.infer<typeof stoppedData>>) =>
  ({
    type,
    what,
    about: 'item',
    data: stoppedData,
    example: { ...EXAMPLE, by: null, code: null, reason: null, remedy: null, ...example },
    facts: said,
    words: (of) => wordsOf(of, title, sentences(of.reason, of.remedy)),
  }) satisfies Event<z.infer<typeof stoppedData>>;

export const itemRefused = stopped(
  'item.refused',
  'An item was looked at again before anything was done, and is left as it is.',
  'Left as it is',
  {
    code: 'IN_USE',
    reason: 'It was used on 2026-11-21.',
    remedy: 'Nothing: it is in use.',
  },
);

export const itemHalted = stopped(
  'item.halted',
  'An item stays as it is until people decide.',
  'Stopped until people decide',
  {
    code: 'CHANGED',
    reason: 'It was changed since the approval: a managed policy was attached.',
    remedy: 'Look who changed it; then have it go on, or have it given back.',
  },
);

export const itemRestoreRefused = stopped(
  'item.restore-refused',
  'A deleted user or role could not be made again.',
  'Could not be made again',
  {
    code: 'NAME_TAKEN',
    reason: 'There is another role of this name by now.',
    remedy: 'Rename or delete that one, then restore again.',
  },
);
