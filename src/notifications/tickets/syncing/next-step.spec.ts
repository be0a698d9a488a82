import { assert, boolean, constantFrom, property, record } from 'fast-check';
import { type Known, nextStep, type Step, type Wanted } from './next-step';

const OPEN: Wanted = { open: true, hash: 'h1', fresh: false };
const OVER: Wanted = { open: false, hash: 'nothing', fresh: false };
const UNKNOWN: Known = {
  remote: 'none',
  unsure: false,
  looks: 0,
  lookDue: true,
  createsOnce: false,
  canRead: true,
  ours: null,
  writtenHash: null,
  closing: null,
  reaction: null,
  rechecked: false,
  pending: false,
  rejected: null,
  reopens: false,
  reopenings: 0,
};
const remoteOpen = { state: 'open', closedAs: null } as const;
const done = { state: 'closed', closedAs: 'done' } as const;
const wontDo = { state: 'closed', closedAs: 'wont-do' } as const;
/** Opened by us, and as we left it. */
const KEPT: Partial<Known> = { remote: remoteOpen, ours: 'open', writtenHash: 'h1' };
const LOST: Partial<Known> = { ours: null };

const cases: [what: string, wanted: Wanted, known: Partial<Known>, expected: Step][] = [
  // Opening.
  ['before anything was sent it is looked for', OPEN, {}, { do: 'find' }],
  ['not found, it is created', OPEN, { looks: 1 }, { do: 'create' }],
  ['one that cannot be made twice needs no look', OPEN, { createsOnce: true }, { do: 'create' }],
  ['after a lost answer it is looked for', OPEN, { unsure: true }, { do: 'find' }],
  ['once is not enough then, and not at once', OPEN, { unsure: true, looks: 1, lookDue: false }, { do: 'wait' }],
  ['it is looked for again', OPEN, { unsure: true, looks: 1 }, { do: 'find' }],
  ['and created only after that', OPEN, { unsure: true, looks: 2 }, { do: 'create' }],
  ['not wanted any more, it is not opened', OVER, {}, { do: 'rest', state: 'closed' }],
  ['not wanted, but maybe there', OVER, { unsure: true }, { do: 'find' }],
  ['not wanted, and surely not there', OVER, { unsure: true, looks: 2 }, { do: 'rest', state: 'closed' }],
  ['maybe there by our own key', OVER, { unsure: true, createsOnce: true }, { do: 'close' }],
  [
    'what was rejected is not sent again',
    OPEN,
    { looks: 1, rejected: 'create h1' },
    { do: 'stand-still', what: 'create h1' },
  ],
  ['with another content it is', OPEN, { looks: 1, rejected: 'create h0' }, { do: 'create' }],
  // Open there.
  ['nothing changed', OPEN, KEPT, { do: 'rest', state: 'open' }],
  ['it says something else now', OPEN, { ...KEPT, writtenHash: 'h0' }, { do: 'update' }],
  ['nothing is left', OVER, KEPT, { do: 'close' }],
  ['closing was rejected', OVER, { ...KEPT, rejected: 'close nothing' }, { do: 'stand-still', what: 'close nothing' }],
  ['people opened what we closed', OVER, { ...KEPT, ours: 'closed' }, { do: 'comment', remark: 'opened-for-nothing' }],
  [
    'that is said once',
    OVER,
    { ...KEPT, ours: 'closed', closing: 'opened', reaction: 'told' },
    { do: 'rest', state: 'open' },
  ],
  ['people opened it, and there are findings', OPEN, { ...KEPT, ours: 'closed' }, { do: 'rest', state: 'open' }],
  [
    'people opened what they had asked an exemption for',
    OPEN,
    { ...KEPT, closing: 'wont-do', pending: true },
    { do: 'withdraw-request' },
  ],
  [
    'without a request there is nothing to take back',
    OPEN,
    { ...KEPT, closing: 'wont-do' },
    { do: 'rest', state: 'open' },
  ],
  // Closed there.
  ['closed as it should be', OVER, { ...KEPT, remote: done, ours: 'closed' }, { do: 'rest', state: 'closed' }],
  ['people were first', OVER, { ...KEPT, remote: done }, { do: 'rest', state: 'closed' }],
  ['the request has become needless', OVER, { ...KEPT, remote: wontDo, pending: true }, { do: 'withdraw-request' }],
  ['it comes back after we closed it', OPEN, { ...KEPT, remote: done, ours: 'closed' }, { do: 'reopen' }],
  ['people say it is done', OPEN, { ...KEPT, remote: done }, { do: 'recheck' }],
  [
    'closed without a word is taken for done',
    OPEN,
    { ...KEPT, remote: { ...done, closedAs: null } },
    { do: 'recheck' },
  ],
  ['the look takes a while', OPEN, { ...KEPT, remote: done, closing: 'done', reaction: 'rechecking' }, { do: 'wait' }],
  [
    'it is still open after the look',
    OPEN,
    { ...KEPT, remote: done, closing: 'done', reaction: 'rechecking', rechecked: true },
    { do: 'comment', remark: 'still-open' },
  ],
  [
    'where that was chosen, it is opened again',
    OPEN,
    { ...KEPT, remote: done, closing: 'done', reaction: 'rechecking', rechecked: true, reopens: true },
    { do: 'reopen' },
  ],
  [
    'but not when that has happened three times today',
    OPEN,
    { ...KEPT, remote: done, closing: 'done', reaction: 'rechecking', rechecked: true, reopens: true, reopenings: 3 },
    { do: 'comment', remark: 'still-open' },
  ],
  [
    'said once, it is left',
    OPEN,
    { ...KEPT, remote: done, closing: 'done', reaction: 'told' },
    { do: 'rest', state: 'closed' },
  ],
  [
    'even when what it says changes',
    { ...OPEN, hash: 'h2' },
    { ...KEPT, remote: done, closing: 'done', reaction: 'told' },
    { do: 'rest', state: 'closed' },
  ],
  [
    'something new opens it',
    { ...OPEN, fresh: true },
    { ...KEPT, remote: done, closing: 'done', reaction: 'told' },
    { do: 'reopen' },
  ],
  [
    'but a rule there that closes it each time is not fought with',
    { ...OPEN, fresh: true },
    { ...KEPT, remote: done, closing: 'done', reaction: null, reopenings: 20 },
    { do: 'wait' },
  ],
  ['people say they won’t', OPEN, { ...KEPT, remote: wontDo }, { do: 'request-exemption' }],
  [
    'after saying it was done',
    OPEN,
    { ...KEPT, remote: wontDo, closing: 'done', reaction: 'told' },
    { do: 'request-exemption' },
  ],
  [
    'asked once, the answer is waited for',
    OPEN,
    { ...KEPT, remote: wontDo, closing: 'wont-do', reaction: 'requested', pending: true },
    { do: 'rest', state: 'closed' },
  ],
  [
    'it was refused',
    OPEN,
    { ...KEPT, remote: wontDo, closing: 'wont-do', reaction: 'requested' },
    { do: 'comment', remark: 'not-exempted' },
  ],
  [
    'which is said once',
    OPEN,
    { ...KEPT, remote: wontDo, closing: 'wont-do', reaction: 'told' },
    { do: 'rest', state: 'closed' },
  ],
  // The answer to a close, or to a reopening, was lost: what it did is read, and is no people's doing.
  ['it was closed by that, and is wanted again', OPEN, { ...KEPT, ...LOST, remote: done }, { do: 'reopen' }],
  ['it was not closed, and is wanted again', OPEN, { ...KEPT, ...LOST }, { do: 'rest', state: 'open' }],
  ['it was opened by that, and nothing is left', OVER, { ...KEPT, ...LOST }, { do: 'close' }],
  ['it was not opened, and nothing is left', OVER, { ...KEPT, ...LOST, remote: done }, { do: 'rest', state: 'closed' }],
  ['nobody can look: it is closed again', OVER, { ...KEPT, ...LOST, remote: done, canRead: false }, { do: 'close' }],
  ['nobody can look: it is opened again', OPEN, { ...KEPT, ...LOST, canRead: false }, { do: 'reopen' }],
  // Gone there.
  ['people deleted it', OPEN, { ...KEPT, remote: 'gone' }, { do: 'stand-still', what: 'gone' }],
  ['people deleted it, and nothing is left', OVER, { ...KEPT, remote: 'gone' }, { do: 'rest', state: 'closed' }],
];

describe('the next step of a ticket', () => {
  it.each(cases)('%s', (_what, wanted, known, expected) => {
    expect(nextStep(wanted, { ...UNKNOWN, ...known })).toEqual(expected);
  });

  const known = record({
    remote: constantFrom<Known['remote']>('none', 'gone', remoteOpen, done, wontDo),
    unsure: boolean(),
    looks: constantFrom(0, 1, 2),
    lookDue: boolean(),
    createsOnce: boolean(),
    canRead: boolean(),
    ours: constantFrom<Known['ours']>('open', 'closed', null),
    writtenHash: constantFrom('h1', 'h0', null),
    closing: constantFrom<Known['closing']>('done', 'wont-do', 'opened', null),
    reaction: constantFrom<Known['reaction']>('rechecking', 'requested', 'told', null),
    rechecked: boolean(),
    pending: boolean(),
    rejected: constantFrom(null, 'create h1', 'close nothing', 'update h1', 'comment h1'),
    reopens: boolean(),
    reopenings: constantFrom(0, 3, 20),
  });

  it('creates nothing that may be there, closes nothing that is wanted, and opens nothing that is not', () => {
    assert(
      property(known, boolean(), boolean(), (at, open, fresh) => {
        const step = nextStep({ open, fresh, hash: open ? 'h1' : 'nothing' }, at);
        if (step.do === 'create') {
          expect([at.remote, open]).toEqual(['none', true]);
          expect(at.createsOnce || at.looks >= (at.unsure ? 2 : 1)).toBe(true);
        }
        if (step.do === 'close') expect(open).toBe(false);
        if (step.do === 'reopen' || step.do === 'update') expect(open).toBe(true);
        if (step.do === 'request-exemption') expect(at.remote).toEqual(wontDo);
        if (['create', 'update', 'close', 'reopen'].includes(step.do)) {
          expect(`${step.do} ${open ? 'h1' : 'nothing'}`).not.toBe(at.rejected);
        }
      }),
    );
  });
});
