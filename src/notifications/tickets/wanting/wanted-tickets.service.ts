import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import sql from 'sql-template-tag';
import type { Severity, CheckId } from '../../../findings/policy';
import { run } from '../../../paging';
import type { TicketConnectionRow } from '../connections/ticket-connection';
import { wantedFindings } from '../connections/ticket-filter';
import { ofSubject } from '../subject';
import { closingWords, type LastFinding } from './closing-words';
import { MOST_LISTED, type TicketFacts } from './ticket-facts';

interface FactRow {
  ticket_id: string;
  total: string;
  id: string;
  identity_id: string;
  check_id: CheckId;
  severity: Severity;
  why: string;
  kind: 'user' | 'role' | 'password' | 'access-key';
  name: string;
  account_name: string;
  aws_account_id: string;
  owner: string | null;
  quarantined_at: Date | null;
}

/** What tickets should be about, from the findings as they are now. Reads only, but for which findings a ticket has. */
@Injectable()
export class WantedTickets {
  /** Of each ticket that is to be open; the others are not in the map. A few statements for any number. */
  async facts(
    manager: EntityManager,
    connection: TicketConnectionRow,
    ticketIds: readonly string[],
  ): Promise<Map<string, TicketFacts>> {
    const facts = new Map<
      string,
      { oneFor: TicketFacts['oneFor']; count: number; findings: TicketFacts['findings'] }
    >();
    if (connection.state === 'removing' || ticketIds.length === 0) return facts;
    for (const row of await this.rows(manager, connection, ticketIds)) {
      const known = facts.get(row.ticket_id) ?? { oneFor: connection.one_for, count: Number(row.total), findings: [] };
      facts.set(row.ticket_id, { ...known, findings: [...known.findings, findingOf(row)] });
    }
    return facts;
  }

  /**
   * Has tickets know the findings that they speak of now. Tickets that nothing is left of keep their last ones; those that
   * people closed take no new ones, so that what came later can be told.
   */
  async keepFindings(
    manager: EntityManager,
    connection: TicketConnectionRow,
    ticketIds: readonly string[],
  ): Promise<void> {
    if (connection.state === 'removing' || ticketIds.length === 0) return;
    const { tenant_id: tenantId } = connection;
    const wanted = sql`SELECT t.id AS ticket_id, t.closing, f.id AS finding_id, f.account_id FROM tickets t
      JOIN findings f ON f.tenant_id = t.tenant_id AND ${ofSubject(connection.one_for)}
      JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
      WHERE t.tenant_id = ${tenantId} AND t.id = ANY (${ticketIds}::uuid[]) AND t.one_for = ${connection.one_for}
        AND ${wantedFindings(connection)}`;
    await run(
      manager,
      sql`WITH wanted AS MATERIALIZED (${wanted}), former AS (
            DELETE FROM ticket_findings h USING (SELECT DISTINCT ticket_id FROM wanted) w
            WHERE h.tenant_id = ${tenantId} AND h.ticket_id = w.ticket_id
              AND NOT EXISTS (SELECT 1 FROM wanted o WHERE o.ticket_id = h.ticket_id AND o.finding_id = h.finding_id)
          )
          INSERT INTO ticket_findings (tenant_id, ticket_id, finding_id, account_id)
          SELECT ${tenantId}, ticket_id, finding_id, account_id FROM wanted WHERE closing IS DISTINCT FROM 'done'
            AND closing IS DISTINCT FROM 'wont-do'
          ON CONFLICT DO NOTHING`,
    );
  }

  /** Whether a ticket that people closed is wanted for something that it did not speak of then. */
  async hasFresh(manager: EntityManager, connection: TicketConnectionRow, ticketId: string): Promise<boolean> {
    const rows = await run<object>(
      manager,
      sql`SELECT 1 FROM tickets t
          JOIN findings f ON f.tenant_id = t.tenant_id AND ${ofSubject(connection.one_for)}
          JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
          WHERE t.tenant_id = ${connection.tenant_id} AND t.id = ${ticketId} AND t.one_for = ${connection.one_for}
            AND ${wantedFindings(connection)}
            AND NOT EXISTS (SELECT 1 FROM ticket_findings h
                            WHERE h.tenant_id = t.tenant_id AND h.ticket_id = t.id AND h.finding_id = f.id)
          LIMIT 1`,
    );
    return rows.length > 0;
  }

  /** Why nothing is left of a ticket, for people. */
  async whyClosed(manager: EntityManager, connection: TicketConnectionRow, ticketId: string): Promise<string> {
    const [last] = await run<LastFinding>(
      manager,
      sql`SELECT i.name, f.status, f.resolution, f.exempt_reason, a.status AS account_status,
            EXISTS (SELECT 1 FROM ticket_findings o JOIN tickets t ON t.tenant_id = o.tenant_id AND t.id = o.ticket_id
                    WHERE o.tenant_id = h.tenant_id AND o.finding_id = h.finding_id AND o.ticket_id <> h.ticket_id
                      AND t.connection_id = ${connection.id} AND t.wanted_open) AS elsewhere
          FROM ticket_findings h
          LEFT JOIN findings f ON f.tenant_id = h.tenant_id AND f.id = h.finding_id
          LEFT JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
          LEFT JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
          WHERE h.tenant_id = ${connection.tenant_id} AND h.ticket_id = ${ticketId}
          ORDER BY f.changed_at DESC NULLS LAST LIMIT 1`,
    );
    return closingWords(last, connection.state === 'removing');
  }

  private rows(
    manager: EntityManager,
    connection: TicketConnectionRow,
    ticketIds: readonly string[],
  ): Promise<FactRow[]> {
    return run(
      manager,
      sql`SELECT * FROM (
            SELECT t.id AS ticket_id, f.id, f.identity_id, f.check_id, f.severity, f.why, i.kind, i.name,
              a.name AS account_name, a.aws_account_id, o.name AS owner,
              coalesce(i.quarantined_at, p.quarantined_at) AS quarantined_at, count(*) OVER (PARTITION BY t.id) AS total,
              row_number() OVER (PARTITION BY t.id ORDER BY
                CASE f.severity WHEN 'critical' THEN 1 WHEN 'high' THEN 2 WHEN 'medium' THEN 3 ELSE 4 END, f.id) AS place
            FROM tickets t
            JOIN findings f ON f.tenant_id = t.tenant_id AND ${ofSubject(connection.one_for)}
            JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
            JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
            LEFT JOIN identities p ON p.tenant_id = i.tenant_id AND p.id = i.owner_id
            LEFT JOIN owners o ON o.tenant_id = f.tenant_id AND o.id = f.owner_id
            WHERE t.tenant_id = ${connection.tenant_id} AND t.id = ANY (${ticketIds}::uuid[])
              AND t.one_for = ${connection.one_for} AND ${wantedFindings(connection)}
          ) listed WHERE place <= ${MOST_LISTED} ORDER BY ticket_id, place`,
    );
  }
}

const findingOf = (row: FactRow): TicketFacts['findings'][number] => ({
  id: row.id,
  identityId: row.identity_id,
  checkId: row.check_id,
  severity: row.severity,
  why: row.why,
  kind: row.kind,
  name: row.name,
  accountName: row.account_name,
  awsAccountId: row.aws_account_id,
  owner: row.owner,
  quarantinedAt: row.quarantined_at?.toISOString() ?? null,
});
