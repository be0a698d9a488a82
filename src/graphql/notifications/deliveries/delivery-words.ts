import { registerEnumType } from '@nestjs/graphql';

export const DeliveryKind = { EVENT: 'event', BATCH: 'batch', DIGEST: 'digest', TEST: 'test' } as const;

registerEnumType(DeliveryKind, {
  name: 'DeliveryKind',
  description: 'What a message is about.',
  valuesMap: {
    EVENT: { description: 'One event.' },
    BATCH: { description: 'The events of an account that came together.' },
    DIGEST: { description: 'A summary of the tenant.' },
    TEST: { description: 'A test that somebody asked for.' },
  },
});

export const DeliveryState = {
  GATHERING: 'gathering',
  WAITING: 'waiting',
  DELIVERED: 'delivered',
  FAILED: 'failed',
  SUPERSEDED: 'superseded',
  CANCELLED: 'cancelled',
} as const;

registerEnumType(DeliveryState, {
  name: 'DeliveryState',
  description: 'How a message stands.',
  valuesMap: {
    GATHERING: { description: 'A batch to which more may come.' },
    WAITING: { description: 'It will be sent, or sent again.' },
    DELIVERED: { description: 'It was accepted.' },
    FAILED: {
      description: 'It was not accepted in all of its attempts, or its endpoint was disabled. It can be replayed.',
    },
    SUPERSEDED: {
      description: 'A newer message about the same thing was accepted first: this one is not sent any more.',
    },
    CANCELLED: { description: 'Somebody called it off, or removed its endpoint.' },
  },
});

export const AttemptOutcome = {
  SENDING: 'sending',
  ACCEPTED: 'accepted',
  FAILED: 'failed',
  GONE: 'gone',
  UNKNOWN: 'unknown',
} as const;

registerEnumType(AttemptOutcome, {
  name: 'AttemptOutcome',
  description: 'What came of an attempt.',
  valuesMap: {
    SENDING: { description: 'It is on its way.' },
    ACCEPTED: { description: 'The receiver took it.' },
    FAILED: { description: 'The receiver did not take it, or was not reached.' },
    GONE: { description: 'The receiver wants nothing any more (410): the endpoint was disabled.' },
    UNKNOWN: {
      description:
        'Our process ended in the middle: nobody knows whether it arrived. It is sent again, with the same id.',
    },
  },
});
