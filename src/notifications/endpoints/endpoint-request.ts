import { z } from 'zod';
import { badInput } from '../../errors';
import { CHANNELS, type ChannelId } from '../channels/channel';
import { SENDS } from './endpoint';
import { eventFilter } from './event-filter';

/** What an endpoint takes where nothing else was asked for: as much as its channel's service takes well. */
export const USUAL_PACE: Readonly<Record<ChannelId, { readonly perMinute: number; readonly concurrency: number }>> = {
  webhook: { perMinute: 600, concurrency: 5 },
  email: { perMinute: 30, concurrency: 2 },
  // One message a second: https://docs.slack.dev/apis/web-api/rate-limits
  slack: { perMinute: 60, concurrency: 1 },
  sns: { perMinute: 600, concurrency: 5 },
};

const MOST_AT_ONCE = 20;

const name = z
  .string()
  .trim()
  .min(1, 'say what it is, for example "SIEM"')
  .max(100, 'must have 100 characters at most')
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must be one line without control characters');

const changeable = {
  name,
  /** As its channel wants them. */
  settings: z.record(z.string(), z.unknown()),
  filter: eventFilter,
  sends: z.enum(SENDS),
  /** Messages in any 60 seconds. */
  perMinute: z.int().min(1, 'must be 1 or more'),
  /** Messages under way at once. */
  concurrency: z.int().min(1, 'must be 1 or more').max(MOST_AT_ONCE, `must be ${MOST_AT_ONCE} or less`),
  /** Which version of the payload it gets. */
  payloadVersion: z.int().min(1, 'must be 1 or more'),
};

/** What whoever makes an endpoint says of it. */
export const endpointRequest = z.strictObject({
  ...changeable,
  channel: z.enum(CHANNELS),
  /** Only where the channel's secret is given: Slack's address. */
  secret: z.string().min(1, 'must not be empty').max(2_000, 'is too long').optional(),
  filter: changeable.filter.default({}),
  sends: changeable.sends.default('single'),
  perMinute: changeable.perMinute.optional(),
  concurrency: changeable.concurrency.optional(),
  payloadVersion: changeable.payloadVersion.optional(),
});

/** What may change later; what is left out stays. The filter and the settings are changed as wholes. */
export const endpointChange = z.strictObject(changeable).partial();

export type EndpointRequest = z.input<typeof endpointRequest>;
export type EndpointChange = z.input<typeof endpointChange>;

/** Pure. Throws BAD_INPUT naming each field that is unknown or wrong. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown, whole: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const sentences = read.error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const where = [...issue.path, ...unknown].map(String).join('.') || whole;
    return `${where}: ${unknown.length > 0 ? 'there is no such field; leave it out' : issue.message}.`;
  });
  throw badInput(sentences.join(' '));
}
