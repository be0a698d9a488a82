import type { Client, QueryResult } from 'pg';
import { tenantColumnOf } from './rules';
import { insertion, type Row } from './sample-rows';

export const VERBS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
export type Verb = (typeof VERBS)[number];

/** What became of one statement: rows reached, or the SQLSTATE of the refusal. */
export type Outcome = { readonly rows: number } | { readonly refused: string };

const ROW_LEVEL_SECURITY_OR_GRANT = '42501';
const STILL_REFERRED_TO = '23503';
/** The policies are asked before the unique indexes are. */
const ALREADY_THERE = '23505';

export interface Attempt {
  readonly table: string;
  readonly verb: Verb;
  /** Who asks; null: nobody has said so. */
  readonly as: string | null;
  /** Whose row is to be reached. */
  readonly of: string;
  /** A row of that tenant, for INSERT. */
  readonly row: Row;
}

/** Tries it as the app's login and undoes it. Inside a transaction a savepoint does, so that a changed catalogue holds. */
export async function attempt(client: Client, { table, verb, as, of, row }: Attempt): Promise<Outcome> {
  await client.query('SAVEPOINT attempt');
  try {
    await client.query('SET LOCAL ROLE mothball_app');
    if (as !== null) await client.query(`SELECT set_config('mothball.tenant_id', $1, true)`, [as]);
    const answer = await send(client, table, verb, { of, row });
    return { rows: answer.rowCount ?? 0 };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { refused: String(error.code) };
    throw error;
  } finally {
    await client.query('ROLLBACK TO SAVEPOINT attempt');
  }
}

function send(client: Client, table: string, verb: Verb, { of, row }: { of: string; row: Row }): Promise<QueryResult> {
  const column = tenantColumnOf(table);
  const mine = `WHERE ${column} = $1`;
  switch (verb) {
    case 'SELECT':
      return client.query(`SELECT 1 FROM ${table} ${mine}`, [of]);
    case 'INSERT': {
      const { text, values } = insertion(table, row);
      return client.query(text, values);
    }
    case 'UPDATE':
      return client.query(`UPDATE ${table} SET ${column} = ${column} ${mine}`, [of]);
    case 'DELETE':
      return client.query(`DELETE FROM ${table} ${mine}`, [of]);
  }
}

/** A row that others still refer to was reached as well, and one was let in of which there may be one only. */
export const reached = (outcome: Outcome): boolean =>
  'rows' in outcome ? outcome.rows > 0 : [STILL_REFERRED_TO, ALREADY_THERE].includes(outcome.refused);

export const forbidden = (outcome: Outcome): boolean =>
  'refused' in outcome && outcome.refused === ROW_LEVEL_SECURITY_OR_GRANT;
