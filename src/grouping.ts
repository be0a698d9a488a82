import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { badInput } from './errors';
import { conditions, run } from './paging';

export interface Grouping {
  readonly from: Sql;
  readonly where: readonly Sql[];
  /** What rows are grouped by; null: the row belongs to no group. */
  readonly key: Sql;
  /** The key for people. */
  readonly label: Sql;
}

export interface Groups {
  /** Rows that match, in whichever group or none. */
  readonly totalMatched: number;
  /** Of those, the ones that belong to no group. */
  readonly totalUnmatched: number;
  readonly groupCount: number;
  readonly nodes: readonly { readonly key: string; readonly label: string; readonly count: number }[];
}

const LARGEST = 1_000;

/** Counts rows by group, the largest groups first. Throws BAD_INPUT for a size that is out of range. */
export async function fetchGroups(manager: EntityManager, grouping: Grouping, first = 100): Promise<Groups> {
  if (!Number.isInteger(first) || first < 1 || first > LARGEST) throw badInput(`first: must be from 1 to ${LARGEST}.`);
  const [row] = await run<{ matched: string; unmatched: string; groups: string; nodes: Groups['nodes'] }>(
    manager,
    sql`WITH grouped AS MATERIALIZED (
          SELECT ${grouping.key} AS key, min(${grouping.label}) AS label, count(*) AS count
          FROM ${grouping.from} ${conditions(grouping.where)} GROUP BY 1
        ), largest AS (
          SELECT key, label, count FROM grouped WHERE key IS NOT NULL ORDER BY count DESC, label, key LIMIT ${first}
        )
        SELECT coalesce(sum(count), 0) AS matched, coalesce(sum(count) FILTER (WHERE key IS NULL), 0) AS unmatched,
          count(key) AS groups,
          (SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'label', coalesce(label, key), 'count', count)
             ORDER BY count DESC, label, key), '[]') FROM largest) AS nodes
        FROM grouped`,
  );
  return {
    totalMatched: Number(row?.matched ?? 0),
    totalUnmatched: Number(row?.unmatched ?? 0),
    groupCount: Number(row?.groups ?? 0),
    nodes: row?.nodes ?? [],
  };
}
