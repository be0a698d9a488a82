import { badInput, notFound } from '../../../errors';
import type { Statements } from '../chain-reader';

/** What a command of the terminal works with. */
export interface Commanded extends Statements {
  say(line: string): void;
}

export interface NamedTenant {
  readonly id: string;
  readonly name: string;
}

/** All tenants by name, or the one of this name or id. Throws NOT_FOUND. */
export async function tenantsNamed(database: Statements, name: string | null): Promise<NamedTenant[]> {
  const tenants = await database.query<NamedTenant[]>(
    'SELECT id, name FROM tenants WHERE $1::text IS NULL OR lower(name) = lower($1) OR id::text = $1 ORDER BY name',
    [name],
  );
  if (name !== null && tenants.length === 0) throw notFound(`--tenant: the tenant "${name}"`);
  return tenants;
}

/** Throws BAD_INPUT. */
export function readMoment(option: string, text: string | undefined): Date | null {
  if (text === undefined) return null;
  const moment = /^\d{4}-\d{2}-\d{2}(T.*Z)?$/.test(text) ? new Date(text) : null;
  if (!moment || Number.isNaN(moment.getTime())) {
    throw badInput(`${option}: a time such as 2026-11-22T10:00:00Z or 2026-11-22.`);
  }
  return moment;
}
