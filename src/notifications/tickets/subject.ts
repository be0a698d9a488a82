import { createHash } from 'node:crypto';
import sql, { type Sql } from 'sql-template-tag';

export const TICKET_SUBJECTS = ['owner-and-check', 'finding', 'account'] as const;
/** What a connection makes one ticket for. */
export type TicketSubjectKind = (typeof TICKET_SUBJECTS)[number];

/** What one ticket is about. */
export interface TicketSubject {
  readonly one_for: TicketSubjectKind;
  readonly owner_id: string | null;
  readonly check_id: string | null;
  readonly finding_id: string | null;
  readonly account_id: string | null;
}

const NOBODY = 'nobody';

/** The same for all time: it holds no name that may change, no count and no date. */
export function subjectText(subject: TicketSubject): string {
  switch (subject.one_for) {
    case 'owner-and-check':
      return `owner-and-check ${subject.owner_id ?? NOBODY} ${subject.check_id}`;
    case 'finding':
      return `finding ${subject.finding_id}`;
    case 'account':
      return `account ${subject.account_id}`;
  }
}

/**
 * What the other system finds a ticket by: 40 hexadecimal digits of connection, subject and generation, without any
 * date. The tenant is part of it, so that an account which changes hands gets tickets of its own.
 */
export function ticketKey(tenantId: string, connectionId: string, subject: string, generation = 1): string {
  const parts = [tenantId, connectionId, subject, ...(generation === 1 ? [] : [String(generation)])];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 40);
}

/** Of findings `f`: what their tickets are about, in the columns of `TicketSubject`. */
export function subjectColumns(oneFor: TicketSubjectKind): Sql {
  switch (oneFor) {
    case 'owner-and-check':
      return sql`f.owner_id, f.check_id, NULL::uuid AS finding_id, NULL::uuid AS account_id`;
    case 'finding':
      return sql`NULL::uuid AS owner_id, NULL::text AS check_id, f.id AS finding_id, NULL::uuid AS account_id`;
    case 'account':
      return sql`NULL::uuid AS owner_id, NULL::text AS check_id, NULL::uuid AS finding_id, f.account_id`;
  }
}

/** Whether findings `f` belong to tickets `t`, as conditions that an index can begin with. */
export function ofSubject(oneFor: TicketSubjectKind): Sql {
  switch (oneFor) {
    case 'owner-and-check':
      return sql`f.check_id = t.check_id AND f.owner_id IS NOT DISTINCT FROM t.owner_id`;
    case 'finding':
      return sql`f.id = t.finding_id`;
    case 'account':
      return sql`f.account_id = t.account_id`;
  }
}
