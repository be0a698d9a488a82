import { setTimeout as sleep } from 'node:timers/promises';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AwsService } from '../../src/aws/aws.service';
import { PauseWatch } from '../../src/cleanup/pauses/pause-watch.service';
import { Pauses } from '../../src/cleanup/pauses/pauses.service';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { asAdmin } from '../harness/database';
import { type Pipeline, pipelineModule, startPipeline, unpaced } from '../harness/pipeline';

jest.setTimeout(60_000);

let pipeline: Pipeline;
let other: INestApplicationContext;
let tenantId: string;
let neighbour: string;

/** Two processes on one database, as far as they can tell: each has a listener and a watch of its own. */
beforeAll(async () => {
  pipeline = await startPipeline({ simulator: { accounts: 1, usersPerAccount: 1, rolesPerAccount: 0 } });
  const root = pipelineModule(pipeline.database.config(), { endpoint: pipeline.simulator.url, pacing: unpaced });
  other = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
});
afterAll(async () => {
  await other.close();
  await pipeline.stop();
});
beforeEach(async () => {
  tenantId = await pipeline.createTenant();
  neighbour = await pipeline.createTenant();
});

const watches = (): PauseWatch[] => [pipeline.get(PauseWatch), other.get(PauseWatch, { strict: false })];
const pause = (of: string): Promise<void> =>
  pipeline.tenants.inTenant(of, (manager) =>
    pipeline.get(Pauses).pause(manager, of, { name: 'Eve' }, 'something is wrong'),
  );
const resume = (of: string): Promise<void> =>
  pipeline.tenants.inTenant(of, (manager) => pipeline.get(Pauses).resume(manager, of, { name: 'Eve' }));
const said = (watch: PauseWatch, of: string): string => {
  try {
    watch.mayGo(of);
    return 'goes';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const all = (of: string): string[] => watches().map((watch) => said(watch, of));
/** How long it took until every process said so, in milliseconds. */
async function until(of: string, what: string, withinMs: number): Promise<number> {
  const from = performance.now();
  while (all(of).some((one) => one !== what)) {
    if (performance.now() - from > withinMs) throw new Error(`Still ${all(of).join(', ')} after ${withinMs} ms.`);
    await sleep(5);
  }
  return performance.now() - from;
}

test('a pause is seen by every process within a second of its commit, and not before; so is its end', async () => {
  expect(all(tenantId)).toEqual(['goes', 'goes']);
  await pipeline.tenants.inTenant(tenantId, async (manager) => {
    await pipeline.get(Pauses).pause(manager, tenantId, { name: 'Eve' }, 'something is wrong');
    await sleep(700);
    expect(all(tenantId)).toEqual(['goes', 'goes']);
  });
  expect(await until(tenantId, 'CLEANUP_PAUSED', 1_000)).toBeLessThan(1_000);
  expect(all(neighbour)).toEqual(['goes', 'goes']);
  await resume(tenantId);
  await until(tenantId, 'goes', 1_000);
});

test('the platform’s stops everyone, and each says whose it is and why', async () => {
  await pause(PLATFORM_TENANT_ID);
  await until(tenantId, 'CLEANUP_PAUSED', 1_000);
  await until(neighbour, 'CLEANUP_PAUSED', 1_000);
  const inForce = (of: string) => pipeline.tenants.inTenant(of, (manager) => pipeline.get(Pauses).inForce(manager, of));
  expect(await inForce(tenantId)).toMatchObject({ scope: 'platform', reason: 'something is wrong', pausedBy: null });
  await pause(tenantId);
  await resume(PLATFORM_TENANT_ID);
  await until(neighbour, 'goes', 1_000);
  expect(all(tenantId)).toEqual(['CLEANUP_PAUSED', 'CLEANUP_PAUSED']);
  expect(await inForce(tenantId)).toMatchObject({ scope: 'tenant', pausedBy: 'Eve' });
  expect(await inForce(neighbour)).toBeNull();
});

test('needs a reason, and is in the log', async () => {
  await expect(
    pipeline.tenants.inTenant(tenantId, (manager) =>
      pipeline.get(Pauses).pause(manager, tenantId, { name: 'Eve' }, '  '),
    ),
  ).rejects.toMatchObject({ code: 'BAD_INPUT' });
  await pause(tenantId);
  await resume(tenantId);
  await resume(tenantId);
  const notes = await pipeline.rows<{ action: string }>(
    `SELECT action FROM audit_entries WHERE tenant_id = $1 AND action LIKE 'cleanup.%' ORDER BY seq`,
    [tenantId],
  );
  expect(notes.map(({ action }) => action)).toEqual(['cleanup.paused', 'cleanup.resumed']);
});

test('a request is asked for just before it is sent, and none is sent while it is paused', async () => {
  const [, watch] = watches();
  const aws = other.get(AwsService, { strict: false });
  const access = await aws.ambientAccount({ mayGo: () => watch?.mayGoNow(tenantId) });
  const sent = (): number => pipeline.simulator.control.log().filter(({ action }) => action === 'ListUsers').length;
  /** The ambient user may list nothing, but its request was sent. */
  const list = (): Promise<string> =>
    access.iam.send(new ListUsersCommand({})).then(
      () => 'answered',
      (error: { code?: string; name: string }) => error.code ?? error.name,
    );
  expect(await list()).toBe('AccessDenied');
  const before = sent();
  expect(before).toBeGreaterThan(0);
  await pause(tenantId);
  await until(tenantId, 'CLEANUP_PAUSED', 1_000);
  expect(await list()).toBe('CLEANUP_PAUSED');
  expect(sent()).toBe(before);
  await resume(tenantId);
  await until(tenantId, 'goes', 1_000);
  expect(await list()).toBe('AccessDenied');
  expect(sent()).toBe(before + 1);
});

test('a process that cannot ask lets nothing go after two seconds, and goes on once it can', async () => {
  const name = new URL(pipeline.database.adminUrl).pathname.slice(1);
  const elsewhere = new URL(pipeline.database.adminUrl);
  elsewhere.pathname = '/postgres';
  const onServer = (statement: string): Promise<unknown> =>
    asAdmin(elsewhere.href, (client) => client.query(statement));
  await until(tenantId, 'goes', 1_000);
  await onServer(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`);
  try {
    await onServer(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND application_name = 'mothball-listener'`,
    );
    // What was known a moment ago still counts.
    expect(all(tenantId)).toEqual(['goes', 'goes']);
    await until(tenantId, 'PAUSES_UNKNOWN', 3_000);
    await expect(watches()[0]?.mayGoNow(tenantId)).rejects.toMatchObject({ code: 'PAUSES_UNKNOWN', retryable: true });
  } finally {
    await onServer(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`);
  }
  await until(tenantId, 'goes', 5_000);
});
