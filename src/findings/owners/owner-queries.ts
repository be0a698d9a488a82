import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { notFound } from '../../errors';
import {
  conditions,
  countOf,
  fetchPage,
  ofTenant,
  run,
  type Listing,
  type Page,
  type PageArgs,
  type Reader,
} from '../../paging';

export interface OwnerRow {
  tenant_id: string;
  id: string;
  name: string;
  contact: string | null;
  notes: string | null;
  created_at: Date;
}

export interface OwnerFilter {
  /** In the name, without regard to case. */
  readonly text?: string | null;
  /** Whether something open is theirs. */
  readonly withOpenFindings?: boolean | null;
}

/** Who said whose the identity of a finding is. */
export interface ReassignmentRow {
  finding_id: string;
  owner: string | null;
  note: string | null;
  pinned_by: string;
  pinned_at: Date;
}

const COLUMNS = sql`o.tenant_id, o.id, o.name, o.contact, o.notes, o.created_at`;

/** Reading owners, for a tenant or (platform people) across tenants. */
@Injectable()
export class OwnerQueries {
  async page(reader: Reader, filter: OwnerFilter, args: PageArgs): Promise<Page<OwnerRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: OwnerFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<OwnerRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The owner');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<OwnerRow[]> {
    return run(
      reader.manager,
      sql`SELECT ${COLUMNS} FROM owners o WHERE ${ofTenant(reader, 'o.tenant_id')} AND o.id = ANY (${ids}::uuid[])`,
    );
  }

  async openFindings(reader: Reader, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await run<{ id: string; count: string }>(
      reader.manager,
      sql`SELECT f.owner_id AS id, count(*) FROM findings f
          ${conditions([ofTenant(reader, 'f.tenant_id'), sql`f.owner_id = ANY (${ids}::uuid[])`, sql`f.status = 'open'`])}
          GROUP BY 1`,
    );
    return new Map(rows.map(({ id, count }) => [id, Number(count)]));
  }

  /** Of those findings whose user or role somebody has given to an owner, or to nobody. */
  async reassignments(reader: Reader, findingIds: readonly string[]): Promise<ReassignmentRow[]> {
    return run(
      reader.manager,
      sql`SELECT f.id AS finding_id, o.name AS owner, p.note, p.pinned_by, p.pinned_at FROM findings f
          JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
          JOIN owner_pins p ON p.tenant_id = i.tenant_id AND p.unique_id = i.unique_id
          LEFT JOIN owners o ON o.tenant_id = p.tenant_id AND o.id = p.owner_id
          WHERE ${ofTenant(reader, 'f.tenant_id')} AND f.id = ANY (${findingIds}::uuid[])`,
    );
  }
}

const listing = (reader: Reader, { text, withOpenFindings }: OwnerFilter): Listing => {
  const where: Sql[] = [ofTenant(reader, 'o.tenant_id')];
  if (text != null) where.push(sql`position(lower(${text}) in lower(o.name)) > 0`);
  if (withOpenFindings != null) {
    where.push(sql`EXISTS (SELECT 1 FROM findings f WHERE f.tenant_id = o.tenant_id AND f.owner_id = o.id
      AND f.status = 'open') = ${withOpenFindings}`);
  }
  return {
    select: COLUMNS,
    from: sql`owners o`,
    where,
    sort: [
      { by: sql`o.name`, type: 'text', descending: false },
      { by: sql`o.id`, type: 'uuid', descending: false },
    ],
  };
};
