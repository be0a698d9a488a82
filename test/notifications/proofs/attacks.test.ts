import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EndpointPreparation } from '../../../src/notifications/endpoints/endpoint-preparation.service';
import { Endpoints } from '../../../src/notifications/endpoints/endpoints.service';
import { Replays } from '../../../src/notifications/deliveries/replays.service';
import { type NotifiedWorld, startNotifiedWorld } from './notified-world';
import { brokenPromises } from './promises';
import type { EndpointSketch, RandomTenant } from './random-tenant';
import { RunningTenant } from './running-tenant';
import type { FindingSketch } from './subjects';
import { whatIsThere } from './what-is-there';

/** What tenants and receivers might try on each other and on the service. */
jest.setTimeout(120_000);

let world: NotifiedWorld;

beforeAll(async () => {
  world = await startNotifiedWorld();
});
afterAll(() => world.stop());

const finding: FindingSketch = { check: 'unused-role', severity: 'low', account: 0, owner: 'payments' };
const single: EndpointSketch = {
  filter: {},
  sends: 'single',
  signing: 'hmac',
  concurrency: 4,
  moods: [{ does: 'accept' }],
  madeAt: 0,
};

const begin = (findings = 1): Promise<RunningTenant> => {
  const spec: RandomTenant = { findings: Array.from({ length: findings }, () => finding), endpoints: [], steps: [] };
  return RunningTenant.begin(world, spec);
};
const opened = (tenant: RunningTenant): Promise<void> =>
  tenant.record(tenant.subjects.findings.map((subject) => ({ subject, type: 'finding.opened' })));
const pathOf = (tenant: RunningTenant, number = 0): string => tenant.endpoints[number]?.path ?? '';

/** Later: batches are over, and what failed is tried again. */
async function later(): Promise<void> {
  world.pass(2);
  await world.turn();
}

describe('what tenants may try', () => {
  test.each([
    ['quotation marks', '"'],
    ['control characters', '\u0001'],
    ['what takes four bytes', '𐍈'],
    ['markup', '<script>&amp;*_`@all</script>'],
  ])('names of 30,000 characters, of %s: each message stays under 20 kB and arrives', async (_what, character) => {
    const tenant = await begin(3);
    await tenant.makeEndpoint(single);
    await tenant.makeEndpoint({ ...single, sends: 'batch' });
    const name = character.repeat(30_000).slice(0, 30_000);
    for (const [table, columns] of [
      // Indexes take no more of some.
      ['accounts', 'name = $2, ou_path = left($2, 600)'],
      ['identities', 'name = left($2, 600), arn = $2, path = left($2, 600)'],
      ['findings', 'why = $2'],
      ['owners', 'name = left($2, 600)'],
    ] as const) {
      const owners = table === 'owners' ? " AND name = 'payments'" : '';
      await world.pipeline.rows(`UPDATE ${table} SET ${columns} WHERE tenant_id = $1${owners}`, [
        tenant.tenantId,
        name,
      ]);
    }
    await opened(tenant);
    await world.settle();
    await later();
    const [singles, batches] = [world.receiver.of(pathOf(tenant)), world.receiver.of(pathOf(tenant, 1))];
    expect(singles).toHaveLength(3);
    expect(batches).toHaveLength(1);
    for (const { body } of [...singles, ...batches]) {
      expect(Buffer.byteLength(body)).toBeLessThan(20_000);
      expect(() => void JSON.parse(body)).not.toThrow();
    }
    expect(tenant.violations).toEqual([]);
  });

  test('accounts, endpoints and deliveries of others are as good as none', async () => {
    const [ours, theirs] = [await begin(), await begin()];
    await theirs.makeEndpoint(single);
    await opened(theirs);
    await world.settle();
    const { pipeline } = world;
    const filter = { accountIds: [theirs.subjects.accounts[0].id] };
    const url = `${world.receiver.url}/spy`;
    const spying = pipeline
      .get(EndpointPreparation)
      .prepare(ours.tenantId, { name: 'spy', channel: 'webhook', settings: { url }, filter })
      .then((prepared) =>
        pipeline.tenants.inTenant(ours.tenantId, (manager) =>
          pipeline.get(Endpoints).create(manager, ours.tenantId, prepared, { name: 'Somebody' }),
        ),
      );
    await expect(spying).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const endpointId = theirs.endpoints[0]?.id ?? '';
    const [delivery] = (await whatIsThere(theirs)).deliveries;
    const attempts = [
      () =>
        pipeline.tenants.inTenant(ours.tenantId, (m) => pipeline.get(Endpoints).pause(m, ours.tenantId, endpointId)),
      () =>
        pipeline.tenants.inTenant(ours.tenantId, (m) => pipeline.get(Endpoints).remove(m, ours.tenantId, endpointId)),
      () =>
        pipeline.tenants.inTenant(ours.tenantId, (m) =>
          pipeline.get(Endpoints).rotateSecret(m, ours.tenantId, endpointId, null),
        ),
      () =>
        pipeline.tenants.inTenant(ours.tenantId, (m) =>
          pipeline.get(Replays).one(m, ours.tenantId, delivery?.id ?? ''),
        ),
      () =>
        pipeline.tenants.inTenant(ours.tenantId, (m) =>
          pipeline.get(Replays).many(m, ours.tenantId, { endpointId, from: new Date(0) }),
        ),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(world.receiver.of('/spy')).toEqual([]);
  });

  test('an account that changes hands takes nothing along, and leaves nothing behind', async () => {
    const [before, after] = [await begin(), await begin()];
    await before.makeEndpoint(single);
    await after.makeEndpoint(single);
    const [subject] = before.subjects.findings;
    if (!subject) throw new Error('There is one.');
    await opened(before);
    await world.settle();
    const told = world.receiver.of(pathOf(before)).length;
    // As it is done when the platform gives an account to another tenant.
    await world.pipeline.rows("UPDATE accounts SET tenant_id = $1, name = 'the new name' WHERE id = $2", [
      after.tenantId,
      subject.account.id,
    ]);
    // Somebody still had it in hand.
    await before.record([{ subject, type: 'finding.resolved' }]);
    await world.settle();
    await later();
    expect(told).toBe(1);
    for (const { body } of world.receiver.of(pathOf(before))) expect(body).not.toContain('the new name');
    expect(world.receiver.of(pathOf(after))).toEqual([]);
  });
});

describe('what receivers may try', () => {
  let hostile: Server;
  let url: string;
  let answering: (write: (bytes: Buffer | string) => boolean, end: () => void, isOver: () => boolean) => void;

  beforeAll(async () => {
    hostile = createServer((request, response) => {
      request.resume();
      response.writeHead(500, { 'content-type': 'text/plain' });
      answering(
        (bytes) => response.write(bytes),
        () => response.end(),
        () => response.destroyed,
      );
      response.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    hostile.closeAllConnections();
    hostile.close();
  });

  async function answersOf(tenant: RunningTenant): Promise<string[]> {
    const { pipeline } = world;
    const prepared = await pipeline
      .get(EndpointPreparation)
      .prepare(tenant.tenantId, { name: 'hostile', channel: 'webhook', settings: { url } });
    await pipeline.tenants.inTenant(tenant.tenantId, (manager) =>
      pipeline.get(Endpoints).create(manager, tenant.tenantId, prepared, { name: 'Somebody' }),
    );
    await opened(tenant);
    await world.settle();
    return (
      await pipeline.rows<{ answer: string }>('SELECT answer FROM delivery_attempts WHERE tenant_id = $1', [
        tenant.tenantId,
      ])
    ).map(({ answer }) => answer);
  }

  test('an answer of anything: what is shown of it is one short line of text', async () => {
    answering = (write, end) => {
      write(Buffer.from([0, 1, 27, 0x5b, 0x32, 0x4a, 0xff, 0xfe, 0xed, 0xa0, 0x80]));
      write('\u202e\u0000 first\r\nsecond\n<b>third</b> ');
      write('x'.repeat(5_000));
      end();
    };
    const [answer = '', ...others] = await answersOf(await begin());
    expect(others).toEqual([]);
    expect(answer).toContain('first second <b>third</b>');
    expect(answer).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(answer.length).toBeLessThanOrEqual(1_000);
  });

  test('an answer without end is not read to its end', async () => {
    let sent = 0;
    answering = (write, _end, isOver) => {
      const piece = Buffer.alloc(65_536, 'x');
      const more = (): void => {
        // As fast as it is taken, a gigabyte in all.
        while (sent < 1_000_000_000 && !isOver()) {
          sent += piece.length;
          if (!write(piece)) {
            setTimeout(more, 2);
            return;
          }
        }
      };
      more();
    };
    const [answer = ''] = await answersOf(await begin());
    const taken = sent;
    expect(answer).toMatch(/^x{1,1000}$/);
    // What the sockets hold is a matter of the system's.
    expect(taken).toBeLessThan(50_000_000);
  });
});

test('secrets are shown once: nowhere in the database, in no message, in no answer that is kept', async () => {
  const tenant = await begin();
  await tenant.makeEndpoint(single);
  const [endpoint] = tenant.endpoints;
  if (!endpoint) throw new Error('There is one.');
  const { pipeline } = world;
  const { secret } = await pipeline.tenants.inTenant(tenant.tenantId, (manager) =>
    pipeline.get(Endpoints).rotateSecret(manager, tenant.tenantId, endpoint.id, null),
  );
  await opened(tenant);
  await world.settle();
  const secrets = [endpoint.secret, secret ?? ''].map((one) => one.replace(/^whsec_/, ''));
  expect(secrets.every((one) => one.length > 40)).toBe(true);
  const tables = await pipeline.rows<{ name: string }>(
    "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'mothball' AND table_type = 'BASE TABLE'",
  );
  expect(tables.length).toBeGreaterThan(40);
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await pipeline.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${name} t WHERE t::text LIKE ANY ($1)`,
      [secrets.map((one) => `%${one}%`)],
    );
    if (row?.n !== 0) found.push(name);
  }
  expect(found).toEqual([]);
  const received = world.receiver.of(endpoint.path);
  expect(received.length).toBeGreaterThan(0);
  for (const request of received) {
    for (const one of secrets) expect(JSON.stringify(request)).not.toContain(one);
  }
});

test('endpoints that are made in the midst of events hear of each from then on, once', async () => {
  const tenant = await begin(4);
  await Promise.all([
    ...Array.from({ length: 10 }, () => opened(tenant)),
    ...Array.from({ length: 6 }, () => tenant.makeEndpoint(single)),
    ...Array.from({ length: 10 }, () => opened(tenant)),
  ]);
  for (const endpoint of tenant.endpoints) endpoint.calm = true;
  await world.settle();
  await later();
  const there = await whatIsThere(tenant);
  expect(brokenPromises(tenant, there)).toEqual([]);
  expect(there.deliveries.length).toBeGreaterThan(50);
});
