import { z } from 'zod';
import { TICKET_SUBJECTS } from '../subject';
import { TICKET_SYSTEMS } from '../ticket-system';
import { ticketFilter } from './ticket-filter';

const name = z
  .string()
  .trim()
  .min(1, 'say what it is, for example "Security board"')
  .max(100, 'must have 100 characters at most')
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must be one line without control characters');

const changeable = {
  name,
  /** As its system wants them. */
  settings: z.record(z.string(), z.unknown()),
  /** What the system knows us by; never shown. */
  credential: z.record(z.string(), z.unknown()),
  /** Which findings get tickets. */
  filter: ticketFilter,
  /** What there is one ticket for. */
  oneFor: z.enum(TICKET_SUBJECTS),
  /** Only findings that were first seen after the connection was activated. */
  newOnly: z.boolean(),
  /** Tickets opened in any 24 hours. */
  dailyCap: z.int().min(1, 'must be 1 or more').max(10_000, 'must be 10,000 or less'),
  /** Whether what people set to done too early is opened again, instead of a comment. */
  reopens: z.boolean(),
  /** For how long an exemption is asked for when a ticket is closed as "won't do". */
  exemptionDays: z.int().min(1, 'must be 1 or more').max(3_650, 'must be 3,650 or less'),
};

/** What whoever makes a connection says of it. */
export const ticketConnectionRequest = z.strictObject({
  ...changeable,
  system: z.enum(TICKET_SYSTEMS),
  filter: changeable.filter.default({}),
  oneFor: changeable.oneFor.default('owner-and-check'),
  newOnly: changeable.newOnly.default(false),
  dailyCap: changeable.dailyCap.default(20),
  reopens: changeable.reopens.default(false),
  exemptionDays: changeable.exemptionDays.default(90),
  /** Only where the system makes it (PagerDuty): what it signs its messages to us with. */
  inboundSecret: z.string().trim().min(8, 'is too short').max(500, 'is too long').optional(),
});

/** What may change later; what is left out stays. Settings, credential and filter are changed as wholes. */
export const ticketConnectionChange = z.strictObject({ ...changeable, system: z.enum(TICKET_SYSTEMS) }).partial();

export type TicketConnectionRequest = z.input<typeof ticketConnectionRequest>;
export type TicketConnectionChange = z.input<typeof ticketConnectionChange>;
