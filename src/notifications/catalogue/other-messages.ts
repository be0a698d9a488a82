import { z } from 'zod';
import { findingOpened } from './events/finding.events';
import * as examples from './examples';
import { account, endpoint, id, time, whole, words } from './subjects';

/** A message that is no event: its id begins with `msg_`, and `events` does not list it. */
export interface OtherMessage<D = unknown> {
  readonly type: string;
  readonly what: string;
  /** Closed, as those of events: a further field is a new version. */
  readonly data: z.ZodType<D>;
  readonly example: D;
}

const batchData = z.object({
  account: account
    .omit({ organizationalUnit: true })
    .nullable()
    .meta({ description: 'The account that the events are of; null: they are of none.' }),
  count: whole('How many events there were that the endpoint asked for.'),
  byType: z.record(z.string(), z.number().int()).meta({ description: 'How many of each type.' }),
  events: z
    .array(
      z.object({
        id: words('As in a message of this event alone.'),
        type: words('Which event.'),
        timestamp: time('When it happened.'),
        data: z.record(z.string(), z.unknown()).meta({ description: "As in the event's own schema." }),
      }),
    )
    .meta({ description: 'The first of them, as far as they fit, in the order of publishing.' }),
  more: whole('How many are left out here.'),
  rest: z
    .object({
      from: time('`from` of the filter of `events`.'),
      to: time('`to` of the filter of `events`.'),
      accountId: id('the account; null: of none').nullable(),
    })
    .meta({ description: 'Where `events` of the API lists them all, among others of the account.' }),
});

export const batch: OtherMessage<z.infer<typeof batchData>> = {
  type: 'batch',
  what: 'What happened in one account within a minute, for endpoints that ask for batches.',
  data: batchData,
  example: {
    account: { id: examples.account.id, awsAccountId: examples.account.awsAccountId, name: examples.account.name },
    count: 3,
    byType: { 'finding.opened': 2, 'scan.completed': 1 },
    events: [
      {
        id: `evt_${examples.exampleId('Event')}`,
        type: findingOpened.type,
        timestamp: '2026-11-22T13:05:00.000Z',
        data: findingOpened.example,
      },
    ],
    more: 2,
    rest: {
      from: '2026-11-22T13:05:01.000Z',
      to: '2026-11-22T13:05:01.001Z',
      accountId: examples.account.id,
    },
  },
};

const testData = z.object({ endpoint });

export const endpointTest: OtherMessage<z.infer<typeof testData>> = {
  type: 'endpoint.test',
  what: 'Somebody tries whether an endpoint works. Nothing has happened.',
  data: testData,
  example: { endpoint: { id: examples.exampleId('Endpoint'), name: 'SIEM', channel: 'webhook' } },
};

/** All messages that are no events. */
export const otherMessages: readonly OtherMessage[] = [batch, endpointTest];
