import { FailedSignIns } from '../../src/tenancy/failed-sign-ins.service';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { asAdmin } from '../harness/database';
import { bearer, startWorld, type World } from './people';

jest.setTimeout(60_000);

let world: World;
let build: Builders;
let one: BuiltTenant;

beforeAll(async () => {
  world = await startWorld(
    { requestsPerMinute: 20, mutationsPerMinute: 3, failedSignIns: 5 },
    { config: { trustedProxies: ['127.0.0.1'] } },
  );
  build = builders(world.app.app);
  one = await build.tenant('one');
  await build.tenant('two');
});
afterAll(() => world.stop());
/** Nobody has counted its requests yet. */
const freshToken = (): Promise<string> => build.token(one.id);

const VIEWER = '{ viewer { name } }';
const times = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe('a principal', () => {
  it('may ask so often in a minute, then is told when again', async () => {
    const token = await freshToken();
    for (const at of times(20)) expect([at, (await world.send(bearer(token), VIEWER)).code]).toEqual([at, null]);
    const refused = await world.send(bearer(token), VIEWER);
    expect([refused.status, refused.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    // It is its own limit: nobody else's.
    expect((await world.send(bearer(await build.token(one.id, 'viewer')), VIEWER)).code).toBeNull();
  });

  it('may change things less often', async () => {
    const token = await freshToken();
    const create = 'mutation { createToken(name: "x", role: VIEWER) { secret } }';
    for (const at of times(3)) expect([at, (await world.send(bearer(token), create)).code]).toEqual([at, null]);
    const refused = await world.send(bearer(token), create);
    expect([refused.status, refused.code]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.message).toMatch(/3 mutations/);
    expect((await world.send(bearer(token), VIEWER)).code).toBeNull();
  });

  it('is one person in all of their tenants, and with every token of the same sign-in', async () => {
    for (const at of times(20)) {
      const token = await world.as('pia', ['viewers-of-one', 'viewers-of-two']);
      const { code } = await world.send({ ...bearer(token), 'mothball-tenant': at % 2 ? 'one' : 'two' }, VIEWER);
      expect(code).toBeNull();
    }
    const token = await world.as('pia', ['viewers-of-one']);
    expect((await world.send(bearer(token), VIEWER)).code).toBe('RATE_LIMITED');
  });
});

describe('whoever tries credentials', () => {
  const from = (address: string, token: string): Record<string, string> => ({
    ...bearer(token),
    'x-forwarded-for': address,
  });
  const guess = (at: number): string => `mothball_${String(at).padStart(43, '0').split('').reverse().join('')}`;

  it('has to wait after some failures, longer each time; others do not', async () => {
    for (const at of times(5))
      expect((await world.send(from('198.51.100.7', guess(at)), VIEWER)).code).toBe('UNAUTHENTICATED');
    const first = await world.send(from('198.51.100.7', guess(6)), VIEWER);
    expect([first.status, first.code]).toEqual([429, 'RATE_LIMITED']);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await world.send(from('198.51.100.7', guess(7)), VIEWER)).code).toBe('UNAUTHENTICATED');
    const second = await world.send(from('198.51.100.7', guess(8)), VIEWER);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThanOrEqual(2);
    expect((await world.send(from('198.51.100.8', guess(9)), VIEWER)).code).toBe('UNAUTHENTICATED');
  });

  it('does not lock out a good token of the same address that was seen before', async () => {
    const token = await freshToken();
    expect((await world.send(from('203.0.113.5', token), VIEWER)).code).toBeNull();
    for (const at of times(8)) await world.send(from('203.0.113.5', guess(at)), VIEWER);
    expect((await world.send(from('203.0.113.5', guess(9)), VIEWER)).code).toBe('RATE_LIMITED');
    expect((await world.send(from('203.0.113.5', token), VIEWER)).code).toBeNull();
  });

  it('with one credential from many addresses has to wait as well', async () => {
    const token = await world.as('quin', [], { aud: 'another' });
    for (const at of times(5))
      expect((await world.send(from(`192.0.2.${at}`, token), VIEWER)).code).toBe('UNAUTHENTICATED');
    expect((await world.send(from('192.0.2.99', token), VIEWER)).code).toBe('RATE_LIMITED');
  });

  it('cannot hold up the holder of a token whose first letters they know', async () => {
    const token = await freshToken();
    for (const at of times(8)) {
      const guessed = token.slice(0, 15) + guess(at).slice(15);
      await world.send(from(`192.0.2.${100 + at}`, guessed), VIEWER);
    }
    expect((await world.send(from('192.0.2.200', token), VIEWER)).code).toBeNull();
  });

  it('has to wait with all addresses of an IPv6 network, which are one host’s', async () => {
    for (const at of times(5)) await world.send(from(`2001:db8:0:7::${at}`, guess(at + 30)), VIEWER);
    expect((await world.send(from('2001:db8:0:7:ffff::1', guess(40)), VIEWER)).code).toBe('RATE_LIMITED');
    expect((await world.send(from('2001:db8:0:8::1', guess(41)), VIEWER)).code).toBe('UNAUTHENTICATED');
  });

  it('is in the platform’s audit log: once for an address, with the count and without secrets', async () => {
    for (const at of times(12)) await world.send(from('198.51.100.70', guess(at)), VIEWER);
    for (const at of times(3)) await world.send(from('198.51.100.90', guess(at)), VIEWER);
    await world.app.app.get(FailedSignIns, { strict: false }).writeDown();
    const { rows } = await asAdmin(world.app.database.adminUrl, (client) =>
      client.query<{ source_address: string; after: string; tenant_id: string }>(
        `SELECT source_address, after::text, tenant_id FROM mothball.audit_entries
         WHERE action = 'sign-in.failed' AND source_address IN ('198.51.100.70', '198.51.100.90')`,
      ),
    );
    const counts = rows.map(({ source_address: address, after }) => [
      address,
      (JSON.parse(after) as { count: number }).count,
    ]);
    expect(counts.sort()).toEqual([
      ['198.51.100.70', 12],
      ['198.51.100.90', 3],
    ]);
    expect(new Set(rows.map(({ tenant_id: tenant }) => tenant))).toEqual(
      new Set(['00000000-0000-7000-8000-000000000000']),
    );
    expect(JSON.stringify(rows)).not.toContain(guess(1).slice(9));
  });

  const lastEntry = (): Promise<string> =>
    asAdmin(world.app.database.adminUrl, async (client) => {
      const { rows } = await client.query<{ seq: string }>(
        `SELECT coalesce(max(seq), 0)::text AS seq FROM mothball.audit_entries WHERE action = 'sign-in.failed'`,
      );
      return rows[0]?.seq ?? '0';
    });

  it('from thousands of addresses does not fill it', async () => {
    const failures = world.app.app.get(FailedSignIns, { strict: false });
    await failures.writeDown();
    const before = await lastEntry();
    for (const at of times(3_000)) await failures.failed(`10.0.${at >> 8}.${at & 255}`, guess(at), 'unknown');
    await failures.writeDown();
    const { rows } = await asAdmin(world.app.database.adminUrl, (client) =>
      client.query<{ after: string }>(
        `SELECT after::text FROM mothball.audit_entries WHERE action = 'sign-in.failed' AND seq > $1`,
        [before],
      ),
    );
    expect(rows.length).toBeLessThanOrEqual(21);
    const total = rows.reduce((sum, { after }) => sum + (JSON.parse(after) as { count: number }).count, 0);
    expect(total).toBe(3_000);
  });
});
