import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anchorLine, appendAnchor } from '../../src/tenancy/audit-log/anchors';
import { readFrame } from '../../src/tenancy/audit-log/chain-reader';
import { type LogDatabase, startLog } from './log-database';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '..', '..');

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const node = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: ROOT, env: { PATH: process.env['PATH'], ...env } },
      (error, stdout, stderr) => resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

describe('the commands of the audit log', () => {
  let log: LogDatabase;
  let folder: string;

  beforeAll(async () => {
    log = await startLog();
    folder = await mkdtemp(join(tmpdir(), 'mothball-audit-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await log.stop();
  });

  const command = (...args: string[]): Promise<Ended> =>
    node(['dist/src/audit-log.js', ...args], {
      MOTHBALL_PLATFORM_DATABASE_URL: log.database.urls.platform,
      MOTHBALL_OWNER_DATABASE_URL: log.database.urls.owner,
    });
  const tenantWith = async (count: number): Promise<string> => {
    const tenantId = await log.createTenant();
    for (let made = 0; made < count; made += 1) {
      await log.note(tenantId, [{ action: 'x.done', object: null, after: { formula: '=1+1', made, 'ü€': null } }]);
    }
    return tenantId;
  };
  const asSuperuser = async (statement: string, values: unknown[]): Promise<void> => {
    await log.admin.query('BEGIN');
    await log.admin.query('SET LOCAL session_replication_role = replica');
    await log.admin.query(statement, values);
    await log.admin.query('COMMIT');
  };

  test('audit:verify says of each log that it is whole, or where it breaks', async () => {
    const [whole, broken] = [await tenantWith(3), await tenantWith(5)];
    const good = await command('verify');
    expect(good).toMatchObject({ status: 0, stderr: '' });
    expect(good.stdout).toContain(`tenant ${whole}: 3 entries, whole.`);
    await asSuperuser(`UPDATE audit_entries SET after = '{}' WHERE tenant_id = $1 AND seq = 4`, [broken]);
    const bad = await command('verify');
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain(`tenant ${whole}: 3 entries, whole.`);
    expect(bad.stdout).toContain(`tenant ${broken}: BROKEN at entry 4 (altered).`);
    expect(await command('verify', '--tenant', `TENANT ${whole}`)).toMatchObject({ status: 0 });
    // What was tampered with is not pruned: the checkpoint would vouch for it.
    await asSuperuser(`UPDATE audit_entries SET at = at - interval '500 days' WHERE tenant_id = $1`, [broken]);
    expect(await command('prune', '--older-than', '400d', '--tenant', broken)).toMatchObject({ status: 1 });
    await asSuperuser('DELETE FROM audit_entries WHERE tenant_id = $1', [broken]);
    await asSuperuser('DELETE FROM audit_heads WHERE tenant_id = $1', [broken]);
  });

  test('audit:verify tells a cut-off end, and a log that is gone, by the anchors', async () => {
    const tenantId = await tenantWith(6);
    const { head } = await readFrame(log.statementsOf(log.admin), tenantId);
    if (!head) throw new Error('The log has a head.');
    const file = join(folder, 'anchors');
    await appendAnchor(file, anchorLine(new Date(), [{ tenant: tenantId, ...head }]));
    // Written when the power went away.
    await appendAnchor(file, '{"form":"mothball-aud');
    const verify = () => command('verify', '--tenant', tenantId, '--anchors', file);
    expect(await verify()).toMatchObject({ status: 0 });
    await asSuperuser('DELETE FROM audit_entries WHERE tenant_id = $1 AND seq > 4', [tenantId]);
    await asSuperuser(
      `UPDATE audit_heads h SET seq = e.seq, hash = e.hash FROM audit_entries e
       WHERE h.tenant_id = $1 AND e.tenant_id = h.tenant_id AND e.seq = 4`,
      [tenantId],
    );
    expect(await command('verify', '--tenant', tenantId)).toMatchObject({ status: 0 });
    const cut = await verify();
    expect(cut.status).toBe(1);
    expect(cut.stdout).toContain('BROKEN at entry 5 (cut-tail)');
    const gone = '01935e2c-0000-7000-8000-000000000001';
    await writeFile(file, anchorLine(new Date(), [{ tenant: gone, ...head }]));
    const all = await command('verify', '--anchors', file);
    expect(all).toMatchObject({ status: 1, stdout: expect.stringContaining(`${gone}: BROKEN.`) as string });
  });

  test('audit:prune leaves what verifies, and says so in the log', async () => {
    const tenantId = await tenantWith(4);
    await log.note(tenantId, [{ action: 'new', object: null }]);
    // As if the first four had been written long ago; the chain is made anew as it would be.
    await asSuperuser(
      `WITH RECURSIVE aged AS (
         SELECT e.tenant_id, e.seq, e.previous_hash, e.at - interval '500 days' AS at FROM audit_entries e
         WHERE e.tenant_id = $1 AND e.seq <= 4
       ) UPDATE audit_entries e SET at = aged.at FROM aged WHERE e.tenant_id = aged.tenant_id AND e.seq = aged.seq`,
      [tenantId],
    );
    await asSuperuser(
      `DO $do$ DECLARE e mothball.audit_entries%ROWTYPE; last bytea := decode(repeat('00', 32), 'hex'); BEGIN
         FOR e IN SELECT * FROM mothball.audit_entries WHERE tenant_id = '${tenantId}' ORDER BY seq LOOP
           e.previous_hash := last; e.hash := mothball.audit_entry_hash(e); last := e.hash;
           UPDATE mothball.audit_entries SET previous_hash = e.previous_hash, hash = e.hash
             WHERE tenant_id = e.tenant_id AND seq = e.seq;
         END LOOP;
         UPDATE mothball.audit_heads SET hash = last WHERE tenant_id = '${tenantId}';
       END $do$`,
      [],
    );
    expect(await command('verify', '--tenant', tenantId)).toMatchObject({ status: 0 });
    const pruned = await command('prune', '--older-than', '400d', '--tenant', tenantId);
    expect(pruned).toMatchObject({ status: 0, stdout: `tenant ${tenantId}: 4 entries pruned.\n`, stderr: '' });
    const verified = await command('verify', '--tenant', tenantId);
    expect(verified.stdout).toContain('2 entries (5 to 6; those before were pruned), whole.');
    const { rows } = await log.owner.query<{ action: string; object_id: string; after: string }>(
      'SELECT action, object_id, after FROM audit_entries WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1',
      [tenantId],
    );
    expect(rows[0]).toMatchObject({ action: 'audit-log.pruned', object_id: '1' });
    expect(JSON.parse(rows[0]?.after ?? '')).toMatchObject({ entries: 4, lastEntry: 4 });
    // Nothing is old enough: no checkpoint, no entry.
    await command('prune', '--older-than', '400d', '--tenant', tenantId);
    expect((await command('verify', '--tenant', tenantId)).stdout).toContain('2 entries');
  });

  test('audit:export gives what the lines of docs/audit-log.md verify, and a spreadsheet takes', async () => {
    const tenantId = await tenantWith(5);
    const [file, verifier] = [join(folder, 'log.ndjson'), join(folder, 'verify.mjs')];
    const page = await readFile(join(ROOT, 'docs', 'audit-log.md'), 'utf8');
    await writeFile(verifier, /```js\n([^]*?)```/.exec(page)?.[1] ?? '');
    expect(await command('export', '--tenant', tenantId, '--output', file)).toMatchObject({ status: 0, stderr: '' });
    const { head } = await readFrame(log.statementsOf(log.admin), tenantId);
    expect(await node([verifier, file])).toEqual({
      status: 0,
      stdout: `Whole, up to entry 5: ${head?.hash}\n`,
      stderr: '',
    });
    const text = await readFile(file, 'utf8');
    const changed = [
      text.replace('"made\\":2', '"made\\":3'),
      text.replace(/\n.*\n/, '\n'),
      text.replace('Zoë', 'Zoe'),
    ];
    for (const tampered of changed) {
      expect(tampered).not.toBe(text);
      await writeFile(file, tampered);
      expect(await node([verifier, file])).toMatchObject({ status: 1 });
    }
    const csv = await command('export', '--tenant', tenantId, '--format', 'csv', '--to', '2000-01-01');
    expect(csv.stdout).toMatch(/^tenantId,seq,id,at,.*,hash\n$/);
  });

  test.each([
    [['verify', '--older-than', '3d'], /--older-than: not for audit:verify/],
    [['verify', '--tenant', 'nobody'], /--tenant: the tenant "nobody" does not exist/],
    [['verify', '--anchors', join(ROOT, 'package.json')], /package.json, line 1: this is no anchor/],
    [['prune'], /--older-than: give a number of days from 30/],
    [['prune', '--older-than', '29d'], /from 30/],
    [['export'], /--tenant: name the tenant/],
    [['export', '--tenant', 'platform', '--format', 'xml'], /--format: ndjson or csv/],
    [['export', '--tenant', 'platform', '--from', 'monday'], /--from: a time/],
    [['verify', '--nonsense'], /Unknown option/],
  ])('%j is refused in words, with status 2', async (args, told) => {
    const { status, stdout, stderr } = await command(...args);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});
