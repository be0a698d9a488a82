import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { nonEmpty } from '../../accounts/account-queries';
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
import type { FindingEvent } from '../finding-queries';
import type { ExemptionRow, ExemptionState } from './exemption';

export interface ExemptionFilter {
  readonly endsBefore?: Date | null;
  readonly states?: readonly ExemptionState[] | null;
  /** Whether something of it waits for a second person. */
  readonly waiting?: boolean | null;
  /** Owners' names, without regard to case. */
  readonly owners?: readonly string[] | null;
  /** An AWS account id: exemptions that are for this account, are limited to it, or spare something in it. */
  readonly awsAccountId?: string | null;
  /** In its reason, in what it spares, or in who made it; without regard to case. */
  readonly text?: string | null;
}

/** What waits for a second person, of exemptions `e`. */
export const WAITING: Sql = sql`(e.state = 'pending' OR e.proposed_ends_at IS NOT NULL)`;

/** Reading exemptions, for a tenant or (platform people) across tenants. */
@Injectable()
export class ExemptionQueries {
  /** The next to end first. */
  async page(reader: Reader, filter: ExemptionFilter, args: PageArgs): Promise<Page<ExemptionRow>> {
    return fetchPage(reader.manager, listing(reader, filter), args);
  }

  async count(reader: Reader, filter: ExemptionFilter): Promise<number> {
    return countOf(reader.manager, listing(reader, filter));
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<ExemptionRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The exemption');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<ExemptionRow[]> {
    return run(
      reader.manager,
      sql`SELECT e.* FROM exemptions e WHERE ${ofTenant(reader, 'e.tenant_id')} AND e.id = ANY (${ids}::uuid[])`,
    );
  }

  /** How many findings each of them spares now. */
  async findingCounts(reader: Reader, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await run<{ id: string; count: string }>(
      reader.manager,
      sql`SELECT f.exemption_id AS id, count(*) FROM findings f
          ${conditions([ofTenant(reader, 'f.tenant_id'), sql`f.exemption_id = ANY (${ids}::uuid[])`, sql`f.status = 'exempt'`])}
          GROUP BY 1`,
    );
    return new Map(rows.map(({ id, count }) => [id, Number(count)]));
  }

  /** What has happened to each, the newest last. */
  async history(reader: Reader, ids: readonly string[]): Promise<(FindingEvent & { object_id: string })[]> {
    return run(
      reader.manager,
      sql`SELECT e.id, e.object_id, e.object_id AS finding_id, e.type, e.at, e.data FROM events e
          WHERE ${ofTenant(reader, 'e.tenant_id')} AND e.object_type = 'exemption' AND e.object_id = ANY (${ids}::text[])
          ORDER BY e.at, e.id`,
    );
  }
}

const listing = (reader: Reader, filter: ExemptionFilter): Listing => ({
  select: sql`e.*`,
  from: sql`exemptions e`,
  where: [ofTenant(reader, 'e.tenant_id'), ...exemptionConditions(filter)],
  sort: [
    { by: sql`e.ends_at`, type: 'timestamptz', descending: false },
    { by: sql`e.id`, type: 'uuid', descending: false },
  ],
});

function exemptionConditions({ endsBefore, states, waiting, owners, awsAccountId, text }: ExemptionFilter): Sql[] {
  const where: Sql[] = [];
  if (endsBefore != null) {
    where.push(sql`e.ends_at < ${endsBefore}`);
    // "Which ones end this month?" asks about those that can still end.
    if (states == null) where.push(sql`e.state IN ('pending', 'in-force')`);
  }
  if (states != null) where.push(sql`e.state = ANY (${nonEmpty(states, 'filter.state')}::text[])`);
  if (waiting != null) where.push(sql`${WAITING} = ${waiting}`);
  if (owners != null) {
    where.push(sql`e.owner_id IN (SELECT o.id FROM owners o WHERE o.tenant_id = e.tenant_id
      AND lower(o.name) IN (SELECT lower(n) FROM unnest(${nonEmpty(owners, 'filter.owner')}::text[]) n))`);
  }
  if (awsAccountId != null) where.push(ofAccount(awsAccountId));
  if (text != null) {
    where.push(
      sql`position(lower(${text}) in lower(concat_ws(' ', e.reason, e.scope_value, e.tag_value, e.made_by))) > 0`,
    );
  }
  return where;
}

const ofAccount = (awsAccountId: string): Sql => sql`(
  (e.scope_kind = 'account' AND e.scope_value = ${awsAccountId}) OR ${awsAccountId} = ANY (e.accounts)
  OR EXISTS (SELECT 1 FROM findings f JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
             WHERE f.tenant_id = e.tenant_id AND f.exemption_id = e.id AND a.aws_account_id = ${awsAccountId})
  OR (e.scope_kind = 'identity' AND EXISTS (SELECT 1 FROM identities i
             JOIN accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id
             WHERE i.tenant_id = e.tenant_id AND a.aws_account_id = ${awsAccountId}
               AND (i.unique_id = e.scope_value OR i.access_key_id = e.scope_value))))`;
