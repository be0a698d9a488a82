import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import sql, { empty, type Sql } from 'sql-template-tag';
import { Clock } from '../../../clock';
import { newId } from '../../../ids';
import { run } from '../../../paging';
import { CONNECTION_COLUMNS, type TicketConnectionRow } from '../connections/ticket-connection';
import { wantedFindings } from '../connections/ticket-filter';
import { subjectColumns, subjectText, ticketKey, type TicketSubject } from '../subject';
import { TicketsDue } from '../syncing/tickets-due.service';

/** As many as one short transaction takes; the rest is for the next one. */
const MARKS_AT_ONCE = 20_000;
const SUBJECTS_AT_ONCE = 2_000;

interface Touched {
  readonly findingIds: readonly string[];
  readonly accountIds: readonly string[];
}

/**
 * Tells tickets that what they are about has changed: which ones there must be is worked out from findings as they are
 * now, and each that may have to change is marked. What it should be, its connection's driver works out later.
 */
@Injectable()
export class TicketMarks {
  constructor(
    private readonly clock: Clock,
    private readonly due: TicketsDue,
  ) {}

  /**
   * Takes what the database has noted of changed findings, owners and accounts since the last time. It holds the drivers'
   * tasks: not for a transaction that holds one of them already, or two drivers wait for each other.
   */
  async mark(manager: EntityManager, tenantId: string): Promise<void> {
    const rows = await manager.query<{ finding_id: string | null; account_id: string | null }[]>(
      `WITH taken AS MATERIALIZED (
         SELECT m.tenant_id, m.id FROM ticket_marks m WHERE m.tenant_id = $1 LIMIT ${MARKS_AT_ONCE} FOR UPDATE SKIP LOCKED
       ), gone AS (
         DELETE FROM ticket_marks m USING taken WHERE m.tenant_id = taken.tenant_id AND m.id = taken.id
         RETURNING m.finding_id, m.account_id
       ) SELECT DISTINCT finding_id, account_id FROM gone`,
      [tenantId],
    );
    if (rows.length === 0) return;
    const touched = {
      findingIds: rows.flatMap(({ finding_id }) => finding_id ?? []),
      accountIds: rows.flatMap(({ account_id }) => account_id ?? []),
    };
    const marked: { connection: TicketConnectionRow; subjects: TicketSubject[] }[] = [];
    for (const connection of await this.connections(manager, tenantId)) {
      const subjects = await touchedSubjects(manager, connection, touched);
      if (subjects.length > 0) marked.push({ connection, subjects });
    }
    // Tasks before tickets, as everybody does.
    await this.due.enqueue(
      manager,
      tenantId,
      marked.map(({ connection }) => connection.id),
    );
    for (const { connection, subjects } of marked) await this.write(manager, connection, subjects);
  }

  /**
   * The next part of a whole comparison: of what findings ask for now, and of all tickets that are open. Returns where the
   * part after it begins; null: that was all.
   */
  async markPage(
    manager: EntityManager,
    connection: TicketConnectionRow,
    after: string | null,
  ): Promise<string | null> {
    const subjects = await allSubjects(manager, connection, after);
    await this.write(manager, connection, subjects);
    return subjects.length < SUBJECTS_AT_ONCE ? null : subjectText(subjects.at(-1) ?? raise());
  }

  private async connections(manager: EntityManager, tenantId: string): Promise<TicketConnectionRow[]> {
    return run(
      manager,
      sql`SELECT ${CONNECTION_COLUMNS} FROM ticket_connections c
          WHERE c.tenant_id = ${tenantId} AND c.deleted_at IS NULL AND c.activated_at IS NOT NULL ORDER BY c.id`,
    );
  }

  /** In the order of subjects, as the driver does, so that neither waits for the other in a circle. */
  private async write(
    manager: EntityManager,
    { tenant_id: tenantId, id }: TicketConnectionRow,
    subjects: readonly TicketSubject[],
  ): Promise<void> {
    if (subjects.length === 0) return;
    const now = this.clock.now();
    const rows = subjects.map((subject) => {
      const text = subjectText(subject);
      return { ...subject, id: newId(), subject: text, key: ticketKey(tenantId, id, text) };
    });
    await manager.query(
      `INSERT INTO tickets (tenant_id, id, connection_id, subject, key, one_for, owner_id, check_id, finding_id, account_id,
         created_at, changed_at)
       SELECT $1, r.id, $2, r.subject, r.key, r.one_for, r.owner_id, r.check_id, r.finding_id, r.account_id, $3, $3
       FROM jsonb_to_recordset($4::jsonb) AS r (id uuid, subject text, key text, one_for text, owner_id uuid, check_id text,
         finding_id uuid, account_id uuid) ORDER BY r.subject COLLATE "C"
       ON CONFLICT (tenant_id, connection_id, subject) WHERE state NOT IN ('followed', 'released')
         DO UPDATE SET wanted_version = tickets.wanted_version + 1`,
      [tenantId, id, now, JSON.stringify(rows)],
    );
  }
}

async function touchedSubjects(
  manager: EntityManager,
  connection: TicketConnectionRow,
  { findingIds, accountIds }: Touched,
): Promise<TicketSubject[]> {
  const { tenant_id: tenantId, id } = connection;
  const wanted = sql`SELECT ${subjectColumns(connection.one_for)} FROM findings f
    JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
    WHERE f.tenant_id = ${tenantId} AND ${wantedFindings(connection)}`;
  const held = sql`SELECT t.owner_id, t.check_id, t.finding_id, t.account_id, t.one_for FROM ticket_findings h
    JOIN tickets t ON t.tenant_id = h.tenant_id AND t.id = h.ticket_id AND t.connection_id = ${id}
    WHERE h.tenant_id = ${tenantId} AND t.state NOT IN ('followed', 'released')`;
  return run(
    manager,
    sql`SELECT s.*, ${connection.one_for} AS one_for FROM (${wanted} AND f.id = ANY (${findingIds}::uuid[])) s
        UNION SELECT s.*, ${connection.one_for} FROM (${wanted} AND f.account_id = ANY (${accountIds}::uuid[])) s
        UNION ${held} AND h.finding_id = ANY (${findingIds}::uuid[])
        UNION ${held} AND h.account_id = ANY (${accountIds}::uuid[])`,
  );
}

async function allSubjects(
  manager: EntityManager,
  connection: TicketConnectionRow,
  after: string | null,
): Promise<TicketSubject[]> {
  const { tenant_id: tenantId, id, one_for: oneFor } = connection;
  const beyond = (text: Sql): Sql => (after === null ? empty : sql`AND ${text} COLLATE "C" > ${after}`);
  return run(
    manager,
    sql`SELECT owner_id, check_id, finding_id, account_id, one_for FROM (
          SELECT s.*, ${oneFor} AS one_for, ${textOf(oneFor)} AS subject FROM (
            SELECT DISTINCT ${subjectColumns(oneFor)} FROM findings f
            JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
            WHERE f.tenant_id = ${tenantId} AND ${wantedFindings(connection)}) s
          UNION SELECT t.owner_id, t.check_id, t.finding_id, t.account_id, t.one_for, t.subject FROM tickets t
          WHERE t.tenant_id = ${tenantId} AND t.connection_id = ${id} AND t.state NOT IN ('followed', 'released')
            AND (t.state <> 'closed' OR t.wanted_open)
        ) subjects WHERE true ${beyond(sql`subject`)} ORDER BY subject COLLATE "C" LIMIT ${SUBJECTS_AT_ONCE}`,
  );
}

/** What `subjectText` says, of subjects `s`. */
function textOf(oneFor: TicketSubject['one_for']): Sql {
  switch (oneFor) {
    case 'owner-and-check':
      return sql`'owner-and-check ' || coalesce(s.owner_id::text, 'nobody') || ' ' || s.check_id`;
    case 'finding':
      return sql`'finding ' || s.finding_id`;
    case 'account':
      return sql`'account ' || s.account_id`;
  }
}

function raise(): never {
  throw new Error('A full page has a last row.');
}
