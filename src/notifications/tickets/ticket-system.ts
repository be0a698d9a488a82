import type { z } from 'zod';

export const TICKET_SYSTEMS = ['jira', 'servicenow', 'github', 'pagerduty', 'template'] as const;

export type TicketSystemId = (typeof TICKET_SYSTEMS)[number];

/** A connection as a system's file gets it: settings checked, credential open for as long as this takes. */
export interface OpenConnection<S = unknown, C = unknown> {
  readonly tenantId: string;
  readonly id: string;
  readonly settings: S;
  readonly credential: C;
}

/** What a ticket says, without markup: each system's file writes it in that system's form, escaped. */
export interface TicketContent {
  /** The same for all time: of connection and subject, without any date; 40 hexadecimal digits. */
  readonly key: string;
  readonly title: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly owner: string | null;
  /** Paragraphs. */
  readonly text: readonly string[];
  /** At most 50 rows; `more`: how many were left out. */
  readonly findings: readonly { readonly title: string; readonly why: string; readonly link: string | null }[];
  readonly more: number;
  /** What to do, in order. */
  readonly remediation: readonly string[];
  readonly link: string | null;
  /** The ticket that this one follows, which could not be opened again. */
  readonly follows: { readonly reference: string; readonly url: string | null } | null;
}

export interface RemoteTicket {
  /** What the system's API calls it by: Jira's issue id, ServiceNow's sys_id, GitHub's number, PagerDuty's dedup key. */
  readonly id: string;
  /** What people call it by: `SEC-12`, `INC0010001`, `#12`. */
  readonly reference: string;
  readonly url: string | null;
  readonly state: 'open' | 'closed';
  /** How it was closed, where the system says: whether somebody decided not to do it. */
  readonly closedAs: 'done' | 'wont-do' | null;
  /** Only grows: what came in with an older one is ignored. Null: the system has none, `changedAt` decides. */
  readonly version: number | null;
  readonly changedAt: Date | null;
}

/** What a signed message that came in is about; the ticket itself is then read by the API, the message is not believed. */
export interface Heard {
  /** The system's id of this message; null: it has none, and the same content is the same message. */
  readonly messageId: string | null;
  readonly remoteId: string;
  /** The address that people see it at, where a message may lack our id of it. */
  readonly url?: string | null;
}

export interface InboundRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly at: Date;
}

/** Thrown by systems' files for what the system answered; `kind` says what to do about it. */
export type TicketFailureKind =
  /** The credential, or what it may do: the connection needs people. */
  | 'refused'
  /** This very content will never be taken (a required field, an unknown value): this ticket needs people. */
  | 'rejected'
  /** Nothing of that id any more. */
  | 'gone'
  /** Later; `retryAfterMs` where it was said. */
  | 'busy'
  /** No answer: it may have been done. */
  | 'unknown';

export class TicketFailure extends Error {
  constructor(
    readonly kind: TicketFailureKind,
    message: string,
    readonly details: { readonly status?: number; readonly answer?: string; readonly retryAfterMs?: number } = {},
  ) {
    super(message);
  }
}

/** One ticketing system; one folder or file each, listed in `systems/index.ts`. All but `hear` throw TicketFailure. */
export interface TicketSystem<S = unknown, C = unknown> {
  readonly id: TicketSystemId;
  readonly settings: z.ZodType<S>;
  readonly credential: z.ZodType<C>;
  /** How many requests that create something it takes; from its documentation. */
  readonly limits: { readonly perMinute: number; readonly perHour: number };
  /** Whether the same `create` with the same key makes no second ticket (PagerDuty's dedup key). */
  readonly createsOnce: boolean;
  /** Who chooses the secret by which its messages to us are signed: `made` by us, or `given` by the system to people. */
  readonly inboundSecret: 'made' | 'given';
  /** Throws BAD_INPUT naming the field for addresses and the like that can be seen to be wrong without asking. */
  mustBeUsable(connection: OpenConnection<S, C>): void | Promise<void>;
  /** Reads what it needs to know: rights, fields, transitions. What is missing, in sentences; empty: good. Changes nothing. */
  examine(connection: OpenConnection<S, C>): Promise<readonly string[]>;
  /** Whether it can be asked at all. If not, `find` and `read` answer null, and what was last written is what holds. */
  canRead(connection: OpenConnection<S, C>): boolean;
  find(connection: OpenConnection<S, C>, key: string): Promise<RemoteTicket | null>;
  /** Null: it is gone. Access to everything lost is a failure, `refused`. */
  read(connection: OpenConnection<S, C>, remoteId: string): Promise<RemoteTicket | null>;
  create(connection: OpenConnection<S, C>, content: TicketContent): Promise<RemoteTicket>;
  /** Writes anew what we wrote. Where people have changed it, it is left as it is, and a comment says what is new. */
  update(connection: OpenConnection<S, C>, remoteId: string, content: TicketContent): Promise<RemoteTicket>;
  comment(connection: OpenConnection<S, C>, remoteId: string, text: string): Promise<void>;
  /** The state first, then the comment: one that fails then is not thrown. Closed already: as it is, nothing is written. */
  close(connection: OpenConnection<S, C>, remoteId: string, text: string): Promise<RemoteTicket>;
  /** Null: this one cannot be opened again (no transition leads there, or it is locked). */
  reopen(connection: OpenConnection<S, C>, remoteId: string, text: string): Promise<RemoteTicket | null>;
  /** Null: the signature is wrong, too old, or there is none. `ignore`: good, and about nothing of ours. */
  hear(request: InboundRequest, secret: string, settings: S): Heard | 'ignore' | null;
}
