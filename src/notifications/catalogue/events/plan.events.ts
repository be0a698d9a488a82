import { z } from 'zod';
import type { EventType } from '../event-type';
import * as examples from '../examples';
import { counted, facts, moment, sentences } from '../phrases';
import { type Said, text } from '../said';
import { plan, type Subjects, time, whole, words } from '../subjects';

const data = z.object({
  plan,
  items: whole('How many identities it puts away.'),
  accounts: whole('In how many accounts.'),
  by: words('Who decided; null: the service.').nullable(),
  code: words('Why, for programs; null: there is nothing to say.').nullable(),
  reason: words('Why.').nullable(),
  remedy: words('What to do about it.').nullable(),
});

const proposedData = z.object({
  plan,
  items: data.shape.items,
  accounts: data.shape.accounts,
  by: words('Who proposed it; null: a policy.').nullable(),
  approvalsNeeded: whole('How many people must still approve it.'),
  refused: whole('How many were left out, each with a reason.'),
});

const approvedData = z.object({
  plan,
  items: data.shape.items,
  accounts: data.shape.accounts,
  by: words('Whose approval was the last one needed; null: none was.').nullable(),
  lapsesAt: time('Until when what is not begun may be begun.').nullable(),
});

type Data = z.infer<typeof data>;
type Event<D = Data> = EventType<D, 'plan'>;

const size = { plan: examples.plan, items: 4, accounts: 2 };

function wordsOf(of: Pick<Data, 'plan' | 'items' | 'accounts' | 'by'>, what: string, text: string) {
  return {
    title: `Plan ${what}${of.plan.dryRun ? ' (dry run)' : ''}: ${of.plan.title}`,
    text,
    facts: facts({
      Plan: of.plan.title,
      Goal: of.plan.goal,
      Size: `${counted(of.items, 'identity', 'identities')} in ${counted(of.accounts, 'account')}`,
      By: of.by,
    }),
  };
}

const said = (subject: Subjects['plan'], heard: Said) => ({
  ...subject,
  by: text(heard, 'by'),
  code: text(heard, 'code'),
  reason: text(heard, 'reason'),
});

export const planProposed: Event<z.infer<typeof proposedData>> = {
  type: 'plan.proposed',
  what: 'A plan is fixed, and waits for approval.',
  about: 'plan',
  data: proposedData,
  example: { ...size, by: 'alice@example.com', approvalsNeeded: 1, refused: 2 },
  facts: (subject, heard) => ({ ...said(subject, heard), approvalsNeeded: subject.approvalsMissing }),
  words: (of) =>
    wordsOf(
      of,
      'proposed',
      of.approvalsNeeded === 0
        ? 'It needs no approval.'
        : `It waits for ${counted(of.approvalsNeeded, 'approval')} by somebody other than its proposer.`,
    ),
};

export const planApproved: Event<z.infer<typeof approvedData>> = {
  type: 'plan.approved',
  what: 'A plan has the approvals it needs: its items are put away from now on.',
  about: 'plan',
  data: approvedData,
  example: { ...size, by: 'bob@example.com', lapsesAt: '2026-12-24T13:05:00.000Z' },
  facts: said,
  words: (of) =>
    wordsOf(
      of,
      'approved',
      sentences(
        'Its items are put away from now on.',
        of.lapsesAt === null ? null : `What is not begun by ${moment(of.lapsesAt)} lapses.`,
      ),
    ),
};

const decided = (type: string, what: string, example: Partial<Data>, otherwise: string): Event => ({
  type: `plan.${type}`,
  what,
  about: 'plan',
  data,
  example: { ...size, by: null, code: null, reason: null, remedy: null, ...example },
  facts: said,
  words: (of) => wordsOf(of, type, sentences(of.reason ?? otherwise, of.remedy)),
});

export const planRefused = decided(
  'refused',
  'Somebody refused a plan. Nothing of it was done.',
  {
    by: 'bob@example.com',
    code: 'PLAN_REFUSED',
    reason: 'bob@example.com refused the plan: the role is for the yearly audit.',
    remedy: 'Make another plan of what should be put away after all.',
  },
  'It was refused.',
);

export const planHalted = decided(
  'halted',
  'A plan was stopped, by a sign of life for example. Nothing more of it is put away until people decide.',
  {
    code: 'SHOWED_LIFE',
    reason: 'The role etl in account 111122223333 showed life in quarantine and is given back.',
    remedy: 'Look whether others of the plan may be in use as well; then resume it, or cancel it.',
  },
  'It was stopped.',
);

export const planResumed = decided(
  'resumed',
  'Somebody has a halted plan go on.',
  { by: 'bob@example.com' },
  'It goes on.',
);

export const planCancelled = decided(
  'cancelled',
  'Somebody cancelled a plan. What is in quarantine is given back.',
  { by: 'bob@example.com', code: 'PLAN_CANCELLED', reason: 'The plan was cancelled by bob@example.com.' },
  'What is in quarantine is given back.',
);

export const planLapsed = decided(
  'lapsed',
  "A plan's time is over. What was not begun will not be; what was begun goes on.",
  { code: 'PLAN_LAPSED', reason: 'It was not begun in time.' },
  'What was not begun will not be.',
);

export const planCompleted = decided(
  'completed',
  'Nothing of a plan is waiting or at work any more.',
  {},
  'Nothing of it is waiting or at work any more.',
);
