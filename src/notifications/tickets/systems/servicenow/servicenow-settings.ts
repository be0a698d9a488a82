import { z } from 'zod';
import { originSetting } from '../parts/addresses';

const value = z.string().min(1).max(255);
const printable = z
  .string()
  .min(8)
  .max(4_000)
  .regex(/^[\x21-\x7e]+$/, 'must be the secret and nothing else, without spaces');

/** Values of columns, as the Table API takes them: numbers of choices, sys_ids of references. */
const columns = z.record(
  z
    .string()
    .max(80)
    .regex(
      /^(?!(?:correlation_id|correlation_display|short_description|description|state|work_notes|comments)$)[a-z][a-z0-9_]*$/,
      { error: 'must be the name of a column that Mothball does not write itself, as u_team' },
    ),
  value,
);

/** ServiceNow's 1 (high) to 3 (low), of which its priority is made. */
const degrees = z
  .strictObject({ low: value, medium: value, high: value, critical: value })
  .default({ low: '3', medium: '2', high: '2', critical: '1' });

export const serviceNowSettings = z.strictObject({
  /** `https://acme.service-now.com` */
  instance: originSetting,
  table: z
    .string()
    .max(80)
    .regex(/^[a-z][a-z0-9_]*$/, 'must be the name of a table, as incident')
    .default('incident'),
  assignmentGroup: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'must be the sys_id of a group: 32 hexadecimal digits')
    .optional(),
  urgency: degrees,
  impact: degrees,
  /** Written when a ticket is created. */
  fields: columns.default({}),
  close: z
    .strictObject({
      /** Of the table "incident": 6 is Resolved. */
      state: value.default('6'),
      code: value.default('Solution provided'),
      fields: columns.default({}),
    })
    .prefault({}),
  /** The state that it is given when it is opened again; of the table "incident", 2 is In Progress. */
  openState: value.default('2'),
  /** Resolved, Closed, Canceled. */
  closedStates: z.array(value).min(1).max(20).default(['6', '7', '8']),
  /** From these nobody comes back: such a ticket gets a successor. */
  finalStates: z.array(value).max(20).default(['7', '8']),
  /** By which people say that it will not be done. */
  wontDo: z
    .strictObject({
      states: z.array(value).max(20).default(['8']),
      codes: z.array(value).max(20).default([]),
    })
    .prefault({}),
});

export const serviceNowCredential = z.union(
  [
    z.strictObject({ username: value, password: z.string().min(1).max(1_000) }),
    z.strictObject({ token: printable }),
    z.strictObject({ apiKey: printable }),
  ],
  { error: 'must be { username, password }, { token } or { apiKey }' },
);

export type ServiceNowSettings = z.infer<typeof serviceNowSettings>;
export type ServiceNowCredential = z.infer<typeof serviceNowCredential>;
