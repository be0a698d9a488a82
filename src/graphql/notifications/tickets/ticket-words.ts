import { registerEnumType } from '@nestjs/graphql';

export const TicketSystemKind = {
  JIRA: 'jira',
  SERVICENOW: 'servicenow',
  GITHUB: 'github',
  PAGERDUTY: 'pagerduty',
  TEMPLATE: 'template',
} as const;

registerEnumType(TicketSystemKind, {
  name: 'TicketSystemKind',
  description: 'What a ticketing system is.',
  valuesMap: {
    JIRA: { description: 'Jira Cloud.' },
    SERVICENOW: { description: 'ServiceNow: incidents, or another table.' },
    GITHUB: { description: 'GitHub Issues.' },
    PAGERDUTY: { description: 'PagerDuty, by its Events API.' },
    TEMPLATE: { description: 'Any other system with an HTTP API, by templates of requests.' },
  },
});

export const TicketSystemState = {
  DRAFT: 'draft',
  ACTIVE: 'active',
  PAUSED: 'paused',
  DISABLED: 'disabled',
  REMOVING: 'removing',
} as const;

registerEnumType(TicketSystemState, {
  name: 'TicketSystemState',
  description: 'How a connection to a ticketing system stands.',
  valuesMap: {
    DRAFT: { description: 'Not in force: a test ticket must prove it first, then `activateTicketConnection`.' },
    ACTIVE: { description: 'Tickets are opened, updated and closed.' },
    PAUSED: { description: 'Somebody paused it: tickets stay as they are.' },
    DISABLED: { description: 'The system has refused us for an hour; `reason` says why. People must mend it.' },
    REMOVING: { description: 'Being removed: the tickets that it has opened are closed first.' },
  },
});

export const TicketSubject = { OWNER_AND_CHECK: 'owner-and-check', FINDING: 'finding', ACCOUNT: 'account' } as const;

registerEnumType(TicketSubject, {
  name: 'TicketSubject',
  description: 'What one ticket is for.',
  valuesMap: {
    OWNER_AND_CHECK: { description: 'All findings of one check that one owner has.' },
    FINDING: { description: 'One finding.' },
    ACCOUNT: { description: 'All findings of one account.' },
  },
});

export const TicketState = {
  WAITING: 'waiting',
  OPEN: 'open',
  CLOSED: 'closed',
  FOLLOWED: 'followed',
  RELEASED: 'released',
} as const;

registerEnumType(TicketState, {
  name: 'TicketState',
  description: 'How a ticket stands, as far as we know.',
  valuesMap: {
    WAITING: { description: 'It is to be opened.' },
    OPEN: { description: 'It is open there.' },
    CLOSED: { description: 'It is closed there; the next finding of the same kind opens it again.' },
    FOLLOWED: { description: 'It could not be opened again: another ticket, linked to it, has taken its place.' },
    RELEASED: { description: 'Its connection was removed: it stays there, and is no longer looked after.' },
  },
});

export const TicketStepKind = {
  FIND: 'find',
  READ: 'read',
  CREATE: 'create',
  UPDATE: 'update',
  COMMENT: 'comment',
  CLOSE: 'close',
  REOPEN: 'reopen',
} as const;

registerEnumType(TicketStepKind, {
  name: 'TicketStepKind',
  description: 'What a request to a ticketing system was for.',
  valuesMap: {
    FIND: { description: 'Looking for a ticket of ours that may be there already.' },
    READ: { description: 'Reading how it stands.' },
    CREATE: { description: 'Opening it.' },
    UPDATE: { description: 'Writing anew what we wrote.' },
    COMMENT: { description: 'A comment.' },
    CLOSE: { description: 'Closing it.' },
    REOPEN: { description: 'Opening it again.' },
  },
});

export const TicketStepOutcome = {
  SENDING: 'sending',
  DONE: 'done',
  NOTHING: 'nothing',
  REFUSED: 'refused',
  REJECTED: 'rejected',
  GONE: 'gone',
  BUSY: 'busy',
  UNKNOWN: 'unknown',
  SETTLED: 'settled',
} as const;

registerEnumType(TicketStepOutcome, {
  name: 'TicketStepOutcome',
  description: 'What came of a request to a ticketing system.',
  valuesMap: {
    SENDING: { description: 'It is on its way.' },
    DONE: { description: 'It was done.' },
    NOTHING: { description: 'There was nothing to find, or it cannot be opened again.' },
    REFUSED: { description: 'The system does not let us.' },
    REJECTED: { description: 'The system does not take this content.' },
    GONE: { description: 'The ticket is no longer there.' },
    BUSY: { description: 'Not now: it is tried again.' },
    UNKNOWN: { description: 'There was no answer: it is looked for before anything is repeated.' },
    SETTLED: { description: 'It was not known, and was found out later.' },
  },
});

export const TicketTestState = { RUNNING: 'running', PASSED: 'passed', FAILED: 'failed' } as const;

registerEnumType(TicketTestState, {
  name: 'TicketTestState',
  description: 'What came of a test ticket.',
  valuesMap: {
    RUNNING: { description: 'It is under way; ask again in a few seconds.' },
    PASSED: { description: 'Everything worked.' },
    FAILED: { description: 'Something did not; the steps say what.' },
  },
});
