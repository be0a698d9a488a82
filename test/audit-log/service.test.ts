import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../src/errors';
import { newId } from '../../src/ids';
import { anchorAuditLog } from '../../src/tasks/anchor-audit-log.task';
import { actingAs } from '../../src/tenancy/actor';
import { readAnchors } from '../../src/tenancy/audit-log/anchors';
import { readFrame } from '../../src/tenancy/audit-log/chain-reader';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { type Engine, startEngine } from '../tasks/engine';
import { createTaskDatabase, type TaskDatabase } from '../tasks/task-database';
import { somebody } from './log-database';

jest.setTimeout(60_000);

interface Entry {
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly action: string;
  readonly object_type: string | null;
  readonly object_id: string | null;
  readonly after: string | null;
  readonly request_id: string | null;
}

let database: TaskDatabase;
let engine: Engine;
let folder: string;
let receiver: Server;
const received: string[] = [];
let refuseNext = 0;

beforeAll(async () => {
  database = await createTaskDatabase();
  folder = await mkdtemp(join(tmpdir(), 'mothball-anchor-'));
  receiver = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const refuse = refuseNext > 0;
      if (refuse) refuseNext -= 1;
      else received.push(body);
      response.writeHead(refuse ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  engine = await startEngine(
    database.config({
      auditAnchor: { file: join(folder, 'anchors'), url: `http://127.0.0.1:${port}/kept`, everyMinutes: 15 },
    }),
  );
});
afterAll(async () => {
  await engine.stop();
  receiver.close();
  await rm(folder, { recursive: true });
  await database.drop();
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const entriesOf = (tenantId: string): Promise<Entry[]> =>
  database.query<Entry>('SELECT * FROM mothball.audit_entries WHERE tenant_id = $1 ORDER BY seq', [tenantId]);

async function ended(id: string): Promise<string> {
  for (;;) {
    const [task] = await database.query<{ state: string }>('SELECT state FROM tasks WHERE id = $1', [id]);
    if (task && ['done', 'failed'].includes(task.state)) return task.state;
    await sleep(20);
  }
}

const opened = (count: number) =>
  Array.from({ length: count }, () => ({ type: 'finding.opened', objectType: 'finding', objectId: newId() }));

describe('what the service does', () => {
  it('in a task is in the log, by the task: one entry for each kind of event, however many', async () => {
    const tenantId = await database.createTenant();
    const events = [
      ...opened(10_000),
      { type: 'scan.completed', objectType: 'scan', objectId: 's', data: { rows: 3 } },
    ];
    engine.probe.behave = (task) =>
      engine.database.inTenant(tenantId, async (manager) => {
        await task.guard(manager);
        await engine.events.record(manager, tenantId, events);
      });
    const id = await engine.add(tenantId, 'judge');
    expect(await ended(id)).toBe('done');
    const [findings, scan, ...rest] = await entriesOf(tenantId);
    expect(rest).toEqual([]);
    const service = { actor_kind: 'service', actor_id: id, actor_name: 'probe', request_id: id };
    expect(findings).toMatchObject({ ...service, action: 'finding.opened', object_type: null, object_id: null });
    const after = JSON.parse(findings?.after ?? '') as { ids: string[] };
    expect(after).toMatchObject({ count: 10_000, objectType: 'finding' });
    expect(after.ids).toEqual(events.slice(0, 100).map(({ objectId }) => objectId));
    expect(scan).toMatchObject({
      ...service,
      action: 'scan.completed',
      object_type: 'scan',
      object_id: 's',
      after: '{"rows":3}',
    });
  });

  it('fails to do is in the log as well: a task that was parked', async () => {
    const tenantId = await database.createTenant();
    engine.probe.behave = async () => {
      throw new DomainError('NO_SUCH_ROLE', 'The role does not exist.');
    };
    const id = await engine.add(tenantId, 'x');
    expect(await ended(id)).toBe('failed');
    expect(await entriesOf(tenantId)).toMatchObject([
      { actor_kind: 'service', actor_name: 'probe', action: 'task.failed', object_type: 'task', object_id: id },
    ]);
  });

  it('is left to people to say where they do it; what comes from outside of the tenant is told', async () => {
    const tenantId = await database.createTenant();
    const record = () =>
      engine.database.inTenant(tenantId, (manager) => engine.events.record(manager, tenantId, opened(1)));
    await actingAs(somebody({ tenantId }), record);
    expect(await entriesOf(tenantId)).toEqual([]);
    await actingAs(somebody({ tenantId: PLATFORM_TENANT_ID }), record);
    expect(await entriesOf(tenantId)).toMatchObject([{ actor_kind: 'person', action: 'finding.opened' }]);
  });
});

describe('the anchor', () => {
  const anchor = async (): Promise<string> => {
    const id = await engine.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      engine.queue.enqueue(manager, { tenantId: PLATFORM_TENANT_ID, task: anchorAuditLog, payload: {} }),
    );
    return ended(id);
  };
  const make = async (): Promise<string> => {
    const tenantId = await database.createTenant();
    await engine.database.inTenant(tenantId, (manager) => engine.events.record(manager, tenantId, opened(1)));
    return tenantId;
  };

  it('has a schedule at the interval that is configured', async () => {
    expect(
      await database.query('SELECT tenant_id, cron, enabled FROM schedules WHERE kind = $1', [anchorAuditLog.kind]),
    ).toEqual([{ tenant_id: PLATFORM_TENANT_ID, cron: '*/15 * * * *', enabled: true }]);
  });

  it('keeps the heads of all tenants in the file and at the address, and later those that have moved on', async () => {
    const [one, two] = [await make(), await make()];
    expect(await anchor()).toBe('done');
    const { head } = await readFrame(
      { query: async <T>(statement: string, values: unknown[] = []) => (await database.query(statement, values)) as T },
      one,
    );
    const kept = await readAnchors(join(folder, 'anchors'));
    expect(kept.get(one)).toEqual([head]);
    expect(kept.has(two)).toBe(true);
    expect(received.join('')).toBe(await readFile(join(folder, 'anchors'), 'utf8'));
    await engine.database.inTenant(two, (manager) => engine.events.record(manager, two, opened(1)));
    expect(await anchor()).toBe('done');
    const later = await readAnchors(join(folder, 'anchors'));
    expect([later.get(one)?.length, later.get(two)?.map(({ seq }) => seq)]).toEqual([1, [1, 2]]);
    const lines = received.length;
    expect(await anchor()).toBe('done');
    expect(received).toHaveLength(lines);
  });

  it('that was not taken is sent again', async () => {
    const tenantId = await make();
    refuseNext = 1;
    expect(await anchor()).toBe('done');
    expect(refuseNext).toBe(0);
    expect(received.at(-1)).toContain(tenantId);
  });
});
