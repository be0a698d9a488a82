import { createHash } from 'node:crypto';
import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { badInput } from './errors';

/** Relay's arguments, as the API takes them. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface SortKey {
  /** An expression that is never null: "never" is given as `-infinity`, so it sorts as the longest ago. */
  readonly by: Sql;
  readonly type: 'text' | 'timestamptz' | 'integer' | 'bigint' | 'uuid';
  readonly descending: boolean;
}

export interface Listing {
  readonly select: Sql;
  readonly from: Sql;
  readonly where: readonly Sql[];
  /** The last key must be unique, else pages would skip rows. */
  readonly sort: readonly SortKey[];
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

export const DEFAULT_PAGE = 50;
export const LARGEST_PAGE = 200;
const CURSOR_VERSION = 1;

/** What a service reads as: a tenant's transaction, or (platform people) one that sees all, `tenantId` null. */
export interface Reader {
  readonly manager: EntityManager;
  readonly tenantId: string | null;
}

/** The explicit tenant filter that stands in every query, beside row-level security. */
export const ofTenant = (reader: Reader, column: string): Sql =>
  reader.tenantId === null ? sql`true` : sql`${raw(column)} = ${reader.tenantId}`;

export const conditions = (where: readonly Sql[]): Sql =>
  where.length === 0 ? empty : sql`WHERE ${join(where, ' AND ')}`;

export async function run<Row>(manager: EntityManager, query: Sql): Promise<Row[]> {
  return manager.query<Row[]>(query.text, query.values);
}

/** One page by keyset. Throws BAD_INPUT for sizes out of range and for cursors of another list, filter or order. */
export async function fetchPage<Row extends object>(
  manager: EntityManager,
  listing: Listing,
  args: PageArgs,
): Promise<Page<Row>> {
  const { size, backwards } = direction(args);
  const hash = fingerprint(listing);
  const where = [...listing.where];
  if (args.after != null)
    where.push(beyond(listing.sort, readCursor(args.after, 'after', hash, listing.sort.length), false));
  if (args.before != null)
    where.push(beyond(listing.sort, readCursor(args.before, 'before', hash, listing.sort.length), true));
  const order = join(
    listing.sort.map(({ by, descending }) => sql`${by} ${raw(descending !== backwards ? 'DESC' : 'ASC')}`),
    ', ',
  );
  const keys = join(
    listing.sort.map(({ by }) => sql`(${by})::text`),
    ', ',
  );
  const found = await run<Row & { cursor_values: string[] }>(
    manager,
    sql`SELECT ${listing.select}, ARRAY[${keys}] AS cursor_values FROM ${listing.from} ${conditions(where)} ORDER BY ${order} LIMIT ${size + 1}`,
  );
  const more = found.length > size;
  const rows = found.slice(0, size);
  if (backwards) rows.reverse();
  return {
    rows,
    cursors: rows.map((row) => writeCursor(hash, row.cursor_values)),
    hasNextPage: backwards ? args.before != null : more,
    hasPreviousPage: backwards ? more : args.after != null,
  };
}

export async function countOf(manager: EntityManager, listing: Pick<Listing, 'from' | 'where'>): Promise<number> {
  const rows = await run<{ count: string }>(
    manager,
    sql`SELECT count(*) FROM ${listing.from} ${conditions(listing.where)}`,
  );
  return Number(rows[0]?.count ?? 0);
}

function direction(args: PageArgs): { size: number; backwards: boolean } {
  if (args.first != null && args.last != null) throw badInput('first, last: give one of them, not both.');
  const backwards = args.last != null;
  const size = args.last ?? args.first ?? DEFAULT_PAGE;
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) {
    throw badInput(`${backwards ? 'last' : 'first'}: must be from 1 to ${LARGEST_PAGE}.`);
  }
  return { size, backwards };
}

/** A cursor holds for the list, filter and order that made it: another one would silently skip or repeat rows. */
function fingerprint(listing: Listing): string {
  const parts = [...listing.where, ...listing.sort.map(({ by, descending }) => sql`${by} ${raw(String(descending))}`)];
  const whole = join([listing.from, ...parts], ' ');
  return createHash('sha256').update(whole.sql).update(JSON.stringify(whole.values)).digest('base64url').slice(0, 12);
}

const writeCursor = (hash: string, values: readonly string[]): string =>
  Buffer.from(JSON.stringify([CURSOR_VERSION, hash, values])).toString('base64url');

function readCursor(cursor: string, field: string, hash: string, length: number): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw badInput(`${field}: this is not a cursor; use one that pageInfo or an edge gave you.`);
  }
  if (!Array.isArray(parsed) || parsed[0] !== CURSOR_VERSION || !isTexts(parsed[2]) || parsed[2].length !== length) {
    throw badInput(`${field}: this is not a cursor of this list; start again without it.`);
  }
  if (parsed[1] !== hash) {
    throw badInput(`${field}: this cursor was made with another filter or order; start again without it.`);
  }
  return parsed[2];
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/**
 * Rows after (or before) the cursor: (a > x) OR (a = x AND b > y) OR … with each key's own direction. Where all have the
 * same, (a, b) > (x, y): with an index of the same keys Postgres begins there, instead of reading all that comes before.
 * `a >= x` follows from either, and is what an index of another table than b's can begin with.
 */
function beyond(sort: readonly SortKey[], values: readonly string[], before: boolean): Sql {
  const beyondKey = ({ descending }: SortKey): string => (descending !== before ? '<' : '>');
  const bounds = sort.map(({ type }, index) => sql`${values[index]}::${raw(type)}`);
  const [first] = sort;
  if (!first) throw new Error('A list needs an order.');
  const from = sql`${first.by} ${raw(`${beyondKey(first)}=`)} ${bounds[0]}`;
  if (sort.every(({ descending }) => descending === first.descending)) {
    const keys = sort.map(({ by }) => by);
    return sql`(${from} AND (${join(keys, ', ')}) ${raw(beyondKey(first))} (${join(bounds, ', ')}))`;
  }
  const branches = sort.map((key, index) => {
    const same = sort.slice(0, index).map((earlier, at) => sql`${earlier.by} = ${bounds[at]}`);
    return sql`(${join([...same, sql`${key.by} ${raw(beyondKey(key))} ${bounds[index]}`], ' AND ')})`;
  });
  return sql`(${from} AND (${join(branches, ' OR ')}))`;
}
