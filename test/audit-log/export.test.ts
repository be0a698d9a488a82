import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

jest.setTimeout(60_000);

const eventually = async (look: () => Promise<void>): Promise<void> => {
  for (let left = 50; ; left -= 1) {
    try {
      return await look();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;
let admin: Client;

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  admin = new Client({ connectionString: app.database.adminUrl, options: '-c search_path=mothball' });
  await admin.connect();
});
beforeEach(async () => void (tenant = await build.tenant()));
afterAll(async () => {
  await admin.end();
  await app.stop();
});

describe('the export', () => {
  const download = (query: string, token: string | null = tenant.token) =>
    fetch(`${app.url}/export/audit-log${query}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });

  it('as ndjson is the whole log, which the lines of docs/audit-log.md verify', async () => {
    await app.get(tenant.token, `mutation { registerAccount(awsAccountId: "444455556666", name: "Ünïcode") { id } }`);
    const folder = await mkdtemp(join(tmpdir(), 'mothball-export-'));
    try {
      const response = await download('');
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('application/x-ndjson');
      expect(response.headers.get('content-disposition')).toBe('attachment; filename="audit-log.ndjson"');
      expect(response.headers.get('cache-control')).toBe('no-store');
      const text = await response.text();
      const lines = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { seq: number; action: string });
      expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
      // That it was taken away is part of what is taken away.
      expect(lines.at(-1)).toMatchObject({ action: 'audit-log.exported' });
      const page = await readFile(join(__dirname, '..', '..', 'docs', 'audit-log.md'), 'utf8');
      await writeFile(join(folder, 'verify.mjs'), /```js\n([^]*?)```/.exec(page)?.[1] ?? '');
      await writeFile(join(folder, 'log.ndjson'), text);
      const files = [join(folder, 'verify.mjs'), join(folder, 'log.ndjson')];
      expect((await promisify(execFile)(process.execPath, files)).stdout).toContain(
        `Whole, up to entry ${lines.length}`,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('as csv can be opened in a spreadsheet: no name becomes a formula', async () => {
    await app.get(tenant.token, 'mutation { createToken(name: "=1+1", role: ADMIN) { secret } }');
    const formula = await build.token(tenant.id, 'admin', '=HYPERLINK("x")');
    const text = await (await download('?format=csv', formula)).text();
    expect(text.split('\n')[0]).toMatch(/^tenantId,seq,id,at,actorKind/);
    expect(text).toContain(`"'=HYPERLINK(""x"")"`);
    expect(text).not.toMatch(/(^|,)"?=/m);
  });

  it('goes through many pages, and takes what is between two times', async () => {
    await build.database.inTenant(tenant.id, (manager) =>
      manager.query(
        `SELECT append_audit_entries((SELECT jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'actor_kind', 'service',
           'actor_id', 'x', 'actor_name', 'x', 'actor_stands_for', 'x', 'action', 'x.done')) FROM generate_series(1, 1201)))`,
      ),
    );
    const seqs = async (query: string) =>
      [...(await (await download(query)).text()).matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq));
    const all = await seqs('');
    expect(all.length).toBeGreaterThan(1_201);
    expect(all).toEqual(all.map((_, index) => index + 1));
    const { rows } = await admin.query<{ at: Date }>(
      `SELECT max(at) AS at FROM audit_entries WHERE tenant_id = $1 AND action = 'x.done'`,
      [tenant.id],
    );
    const time = rows[0]?.at.toISOString() ?? '';
    const [before, since] = [await seqs(`?to=${time}`), await seqs(`?from=${time}`)];
    expect([...before, ...since].slice(0, all.length)).toEqual(all);
    expect(since.length).toBeGreaterThan(1_201);
    expect(await seqs('?from=2999-01-01')).toEqual([]);
  });

  it.each([
    ['without a token', '', null, 401],
    ['with a wrong token', '', 'mothball_wrong_wrong_wrong_wrong', 401],
    ['for an unknown format', '?format=xml', undefined, 400],
    ['for a time that is none', '?from=monday', undefined, 400],
    ['for times that are the wrong way round', '?from=2026-01-02&to=2026-01-01', undefined, 400],
    ['for an argument that it has not', '?since=2026-01-02', undefined, 400],
    ['for a tenant that is none', '?tenant=x', undefined, 400],
  ])('is refused %s', async (_name, query, token, status) => {
    const response = await download(query, token === undefined ? tenant.token : token);
    expect(response.status).toBe(status);
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { requestId: string } }[] };
    expect(errors[0]?.extensions.requestId).toBe(response.headers.get('x-request-id'));
    expect(errors[0]?.message).not.toMatch(/ at /);
  });

  it('is refused to a viewer and for another tenant, and takes a tenant from platform people', async () => {
    const other = await build.tenant();
    expect((await download('', await build.token(tenant.id, 'viewer'))).status).toBe(403);
    await eventually(async () => expect(await (await download('')).text()).toContain('"action":"request.refused"'));
    expect((await download(`?tenant=${tenant.apiId}`, other.token)).status).toBe(404);
    const platform = await build.platformToken('viewer');
    expect((await download('', platform)).status).toBe(400);
    const text = await (await download(`?tenant=${tenant.apiId}`, platform)).text();
    expect(text).toContain('platform.looked');
  });
});
