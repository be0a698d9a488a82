import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { notFound } from '../../errors';
import { conditions, ofTenant, type Reader, run } from '../../paging';
import { CONNECTION_COLUMNS, type TicketConnectionRow } from './connections/ticket-connection';
import { wantedFindings } from './connections/ticket-filter';
import { subjectColumns } from './subject';

const MOST_GROUPS = 50;

export interface PreviewGroup {
  /** An owner's name, or a check's id; null: nobody's. */
  readonly key: string | null;
  readonly tickets: number;
  readonly findings: number;
}

/** What a connection would do if it were activated now. Nothing is written. */
export interface PreviewedTickets {
  /** Findings that its filter takes in, whether new or not. */
  readonly findings: number;
  /** Tickets that it would open, as it is set up. */
  readonly wouldOpen: number;
  /** Tickets that it has open already. */
  readonly openNow: number;
  /** Tickets for all findings that there are now, and for new ones only. */
  readonly withAll: number;
  readonly withNewOnly: number;
  readonly dailyCap: number;
  /** How long opening them takes at the cap. */
  readonly days: number;
  /** The largest groups first, of all findings. */
  readonly byOwner: readonly PreviewGroup[];
  readonly byCheck: readonly PreviewGroup[];
}

interface Counts {
  findings: number;
  with_all: number;
  with_new_only: number;
  opening_all: number;
  opening_new: number;
  open_now: number;
}

@Injectable()
export class TicketPreviews {
  /** Throws NOT_FOUND. */
  async preview(reader: Reader, connectionId: string): Promise<PreviewedTickets> {
    const [row] = await run<TicketConnectionRow>(
      reader.manager,
      sql`SELECT ${CONNECTION_COLUMNS} FROM ticket_connections c
          ${conditions([ofTenant(reader, 'c.tenant_id'), sql`c.id = ${connectionId}`, sql`c.deleted_at IS NULL`])}`,
    );
    if (!row) throw notFound('The connection');
    const counts = await this.counts(reader, row);
    const wouldOpen = row.new_only ? counts.opening_new : counts.opening_all;
    return {
      ...{ findings: counts.findings, wouldOpen, openNow: counts.open_now, dailyCap: row.daily_cap },
      ...{ withAll: counts.with_all, withNewOnly: counts.with_new_only },
      days: Math.ceil(wouldOpen / row.daily_cap),
      byOwner: await this.groups(reader, row, sql`owner`),
      byCheck: await this.groups(reader, row, sql`of_check`),
    };
  }

  private async counts(reader: Reader, row: TicketConnectionRow): Promise<Counts> {
    const [counts] = await run<Counts>(
      reader.manager,
      sql`WITH wanted AS MATERIALIZED (${wanted(row)}), subjects AS (
            SELECT DISTINCT owner_id, check_id, finding_id, account_id, bool_or(is_new) AS is_new FROM wanted
            GROUP BY owner_id, check_id, finding_id, account_id
          ), open AS (
            SELECT s.*, t.id AS ticket_id FROM subjects s LEFT JOIN tickets t ON t.tenant_id = ${row.tenant_id}
              AND t.connection_id = ${row.id} AND t.one_for = ${row.one_for} AND t.state = 'open'
              AND (t.owner_id, t.check_id, t.finding_id, t.account_id)
                IS NOT DISTINCT FROM (s.owner_id, s.check_id, s.finding_id, s.account_id)
          )
          SELECT (SELECT count(*)::int FROM wanted) AS findings, count(*)::int AS with_all,
            count(*) FILTER (WHERE is_new)::int AS with_new_only,
            count(*) FILTER (WHERE ticket_id IS NULL)::int AS opening_all,
            count(*) FILTER (WHERE ticket_id IS NULL AND is_new)::int AS opening_new,
            (SELECT count(*)::int FROM tickets t WHERE t.tenant_id = ${row.tenant_id} AND t.connection_id = ${row.id}
             AND t.state = 'open') AS open_now
          FROM open`,
    );
    return counts ?? { findings: 0, with_all: 0, with_new_only: 0, opening_all: 0, opening_new: 0, open_now: 0 };
  }

  private groups(reader: Reader, row: TicketConnectionRow, by: Sql): Promise<PreviewGroup[]> {
    return run(
      reader.manager,
      sql`SELECT ${by} AS key, count(DISTINCT (owner_id, check_id, finding_id, account_id))::int AS tickets,
            count(*)::int AS findings
          FROM (${wanted(row)}) wanted GROUP BY 1 ORDER BY tickets DESC, findings DESC, key NULLS LAST LIMIT ${MOST_GROUPS}`,
    );
  }
}

/** All that the filter takes in; `is_new`: first seen since it was activated, of which there is none before. */
const wanted = (row: TicketConnectionRow): Sql => sql`
  SELECT ${subjectColumns(row.one_for)}, o.name AS owner, f.check_id AS of_check,
    coalesce(f.first_seen_at >= ${row.activated_at}::timestamptz, false) AS is_new
  FROM findings f
  JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
  LEFT JOIN owners o ON o.tenant_id = f.tenant_id AND o.id = f.owner_id
  WHERE f.tenant_id = ${row.tenant_id} AND ${wantedFindings({ ...row, new_only: false })}`;
