import { Client } from 'pg';
import { newId } from '../../src/ids';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { type Catalogue, readCatalogue } from './catalogue';
import { attempt, forbidden, reached, type Verb, VERBS } from './reach';
import {
  DISPATCHER_TABLES,
  NOT_FOR_PLATFORM,
  PLATFORM_FUNCTIONS,
  READ_BY_PLATFORM,
  TENANT_FUNCTIONS,
  tenantColumnOf,
  tenantTables,
  violations,
} from './rules';
import { SampleRows } from './sample-rows';

/** Generated from the catalogue: a new table is covered by existing, or fails until somebody says what it is. */
jest.setTimeout(180_000);

const [A, B] = [newId(), newId()];
const PLATFORM = '00000000-0000-7000-8000-000000000000';

/** A foreign event would be refused all the same: its trigger writes the id to a table with a policy of its own. */
const HELD_TWICE = 'ALTER POLICY events_app ON events WITH CHECK (true)';

describe('tenants', () => {
  let database: TestDatabase;
  let admin: Client;
  let catalogue: Catalogue;
  let samples: SampleRows;

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = await connect(database.adminUrl);
    catalogue = await readCatalogue(admin);
    samples = await SampleRows.of(admin, catalogue);
    await samples.fill(A);
    await samples.fill(B);
  });
  afterAll(async () => {
    await admin.end();
    await database.drop();
  });

  const grantedTo = (login: string, table: string): readonly string[] =>
    catalogue.grants.find((grant) => grant.table === table && grant.grantee === `mothball_${login}`)?.verbs ?? [];

  /** Every table × verb as tenant A: one line for each row of B that was reached, and of its own that was not. */
  async function leaks(
    client: Client,
    tables: readonly string[] = tenantTables(catalogue).map(({ name }) => name),
  ): Promise<string[]> {
    const found: string[] = [];
    for (const table of tables) {
      for (const verb of VERBS) {
        const theirs = await attempt(client, { table, verb, as: A, of: B, row: await samples.another(table, B) });
        if (reached(theirs)) found.push(`${verb} ${table}: reaches another tenant's row`);
        // A row that is refused for any other reason might have been let in.
        if (verb === 'INSERT' && !forbidden(theirs)) found.push(`${verb} ${table}: is not refused by the policy`);
        if (!grantedTo('app', table).includes(verb)) {
          if (!forbidden(theirs)) found.push(`${verb} ${table}: is not granted, but was not refused`);
          continue;
        }
        const own = await attempt(client, { table, verb, as: A, of: A, row: await samples.another(table, A) });
        if (!reached(own)) found.push(`${verb} ${table}: does not reach the tenant's own row (${JSON.stringify(own)})`);
      }
    }
    return found;
  }

  async function undone<T>(client: Client, work: () => Promise<T>): Promise<T> {
    await client.query('BEGIN');
    try {
      return await work();
    } finally {
      await client.query('ROLLBACK');
    }
  }

  test('have tables, policies, grants, indexes, functions and logins by the rules', () => {
    expect(violations(catalogue)).toEqual([]);
    expect(tenantTables(catalogue).length).toBeGreaterThan(10);
    expect(catalogue.logins.map(({ name }) => name)).toEqual([
      'mothball_app',
      'mothball_dispatcher',
      'mothball_owner',
      'mothball_platform',
      'mothball_queue',
    ]);
  });

  test("cannot reach each other's rows by any verb on any table, and reach their own", async () => {
    const app = await connect(database.urls.app);
    try {
      expect(await undone(app, () => leaks(app))).toEqual([]);
    } finally {
      await app.end();
    }
  });

  test('cannot give a row away, or take one', async () => {
    const app = await connect(database.urls.app);
    try {
      const passed = await undone(app, async () => {
        const outcomes: string[] = [];
        await app.query(`SELECT set_config('mothball.tenant_id', $1, true)`, [A]);
        for (const { name } of tenantTables(catalogue)) {
          if (!grantedTo('app', name).includes('UPDATE')) continue;
          const column = tenantColumnOf(name);
          const code = await refusalOf(app, `UPDATE ${name} SET ${column} = '${B}' WHERE ${column} = '${A}'`);
          if (code !== '42501') outcomes.push(`${name}: ${String(code)}`);
        }
        return outcomes;
      });
      expect(passed).toEqual([]);
    } finally {
      await app.end();
    }
  });

  test('must be named: without one every statement is an error, on a fresh and on a used connection', async () => {
    const app = await connect(database.urls.app);
    try {
      for (const used of [false, true]) {
        if (used) await undone(app, () => app.query(`SELECT set_config('mothball.tenant_id', $1, true)`, [A]));
        const silent = await undone(app, async () => {
          const found: string[] = [];
          for (const { name: table } of tenantTables(catalogue)) {
            for (const verb of VERBS.filter((one) => grantedTo('app', table).includes(one))) {
              const outcome = await attempt(app, {
                table,
                verb,
                as: null,
                of: A,
                row: await samples.another(table, A),
              });
              // Unknown setting; or an empty text that is no UUID.
              if (!('refused' in outcome) || !['42704', '22P02'].includes(outcome.refused)) {
                found.push(`${verb} ${table}: ${JSON.stringify(outcome)}`);
              }
            }
          }
          return found;
        });
        expect(silent).toEqual([]);
      }
    } finally {
      await app.end();
    }
  });

  test('are no longer apart when any one policy is missing or wide open: both checks see it', async () => {
    // Its own copy: nothing of this can reach the other tests.
    const copy = await createTestDatabase();
    const client = await connect(copy.adminUrl);
    const mine = samples;
    try {
      samples = await SampleRows.of(client, catalogue);
      await samples.fill(A);
      await samples.fill(B);
      expect(await undone(client, () => leaks(client))).toEqual([]);
      const unnoticed: string[] = [];
      for (const { table, name, roles } of catalogue.policies) {
        const app = roles.includes('mothball_app');
        const mutilations = [`DROP POLICY ${name} ON ${table}`];
        if (app) mutilations.push(`ALTER POLICY ${name} ON ${table} USING (true)`);
        if (app) mutilations.push(`ALTER POLICY ${name} ON ${table} WITH CHECK (true)`);
        for (const mutilation of mutilations) {
          await undone(client, async () => {
            await client.query(mutilation);
            if (violations(await readCatalogue(client)).length === 0) unnoticed.push(`the catalogue: ${mutilation}`);
            if (
              app &&
              changesReach(mutilation, grantedTo('app', table)) &&
              mutilation !== HELD_TWICE &&
              (await leaks(client, [table])).length === 0
            ) {
              unnoticed.push(`the attempts: ${mutilation}`);
            }
          });
        }
      }
      expect(unnoticed).toEqual([]);
      expect(catalogue.policies.length).toBeGreaterThan(40);
    } finally {
      samples = mine;
      await client.end();
      await copy.drop();
    }
  });

  test('are mixed by the dispatcher in tasks, turns, schedules, lanes and workers only', async () => {
    const dispatcher = await connect(database.urls.dispatcher);
    try {
      const readable: string[] = [];
      for (const { name } of catalogue.tables) {
        const code = await refusalOf(dispatcher, `SELECT 1 FROM ${name}`);
        if (code === null) readable.push(name);
        else expect([name, code]).toEqual([name, '42501']);
      }
      expect(readable.sort()).toEqual([...DISPATCHER_TABLES, 'lanes', 'workers'].sort());
      for (const name of DISPATCHER_TABLES) {
        const { rows } = await dispatcher.query<{ tenant_id: string }>(`SELECT DISTINCT tenant_id FROM ${name}`);
        expect(rows.map((row) => row.tenant_id)).toEqual(expect.arrayContaining([A, B]));
      }
    } finally {
      await dispatcher.end();
    }
  });

  test('are seen but never changed by platform people', async () => {
    const platform = await connect(database.urls.platform);
    try {
      for (const { name } of tenantTables(catalogue)) {
        const column = tenantColumnOf(name);
        const seen = await refusalOf(platform, `SELECT 1 FROM ${name}`);
        expect([name, seen]).toEqual([name, NOT_FOR_PLATFORM.includes(name) ? '42501' : null]);
        for (const change of [`UPDATE ${name} SET ${column} = ${column}`, `DELETE FROM ${name}`, `TRUNCATE ${name}`]) {
          expect([change, await refusalOf(platform, change)]).toEqual([change, '42501']);
        }
        if (seen !== null) continue;
        const { rows } = await platform.query<{ id: string }>(`SELECT DISTINCT ${column} AS id FROM ${name}`);
        expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining([A, B]));
      }
      const { rows } = await platform.query<{ statement_timeout: string }>('SHOW statement_timeout');
      expect(rows[0]?.statement_timeout).toBe('30s');
    } finally {
      await platform.end();
    }
  });

  test("cannot run the platform's functions, and no other login can run any", async () => {
    const definers = catalogue.functions.filter(({ definer }) => definer);
    expect(definers.map(({ name }) => name).sort()).toEqual([...PLATFORM_FUNCTIONS, ...TENANT_FUNCTIONS].sort());
    const app = await connect(database.urls.app);
    const dispatcher = await connect(database.urls.dispatcher);
    const platform = await connect(database.urls.platform);
    const others = [dispatcher, platform];
    try {
      for (const { name, emptyCall } of definers) {
        for (const other of others) {
          const mayRun = other === platform && READ_BY_PLATFORM.includes(name);
          expect([name, await refusalOf(other, `SELECT ${emptyCall}`)]).toEqual([name, mayRun ? null : '42501']);
        }
        if (!PLATFORM_FUNCTIONS.includes(name)) continue;
        const asCustomer = await undone(app, async () => {
          await app.query(`SELECT set_config('mothball.tenant_id', $1, true)`, [A]);
          return refusalOf(app, `SELECT ${emptyCall}`);
        });
        expect([name, asCustomer]).toEqual([name, '42501']);
        expect([name, await refusalOf(app, `SELECT ${emptyCall}`)]).not.toEqual([name, null]);
      }
      // The positive control: the platform itself is let in.
      const asPlatform = await undone(app, async () => {
        await app.query(`SELECT set_config('mothball.tenant_id', $1, true)`, [PLATFORM]);
        return refusalOf(app, 'SELECT assert_platform()');
      });
      expect(asPlatform).toBeNull();
      // A tenant's own function does not take another tenant's account.
      const account = samples.existing('accounts', B)['id'];
      const taken = await undone(app, async () => {
        await app.query(`SELECT set_config('mothball.tenant_id', $1, true)`, [A]);
        return refusalOf(app, `SELECT claim_account('${String(account)}', '${newId()}')`);
      });
      expect(taken).toBe('P0002');
    } finally {
      await Promise.all([app, ...others].map((client) => client.end()));
    }
  });
});

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('SET search_path = mothball');
  return client;
}

/** The SQLSTATE of the refusal; null when it went through. A transaction under way stays usable. */
async function refusalOf(client: Client, statement: string): Promise<string | null> {
  const { rows } = await client.query<{ inside: boolean }>('SELECT now() <> statement_timestamp() AS inside');
  const inside = rows[0]?.inside === true;
  if (inside) await client.query('SAVEPOINT tried');
  try {
    await client.query(statement);
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    if (inside) await client.query('ROLLBACK TO SAVEPOINT tried');
  }
}

/** A condition for writing shows only where writing is granted. */
const changesReach = (mutilation: string, verbs: readonly string[]): boolean =>
  !mutilation.includes('WITH CHECK') || (['INSERT', 'UPDATE'] satisfies Verb[]).some((verb) => verbs.includes(verb));
