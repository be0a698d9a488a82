import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CleanupModule } from '../../src/cleanup/cleanup.module';
import type { PlanItemRow } from '../../src/cleanup/items/plan-item';
import type { PlanRequest, PlanRow, Proposer } from '../../src/cleanup/plans/plan';
import { PlanDrafts } from '../../src/cleanup/plans/plan-drafts.service';
import { PlanProposals } from '../../src/cleanup/plans/plan-proposals.service';
import { DAY_MS } from '../../src/clock';
import { newId } from '../../src/ids';
import type { InventoryAccessKey, InventoryRole, InventoryUser, LastUsed } from '../../src/scans/inventory';
import { TenantSettings } from '../../src/tenancy/tenant-settings.service';
import { builders, type Builders, type BuiltAccount } from '../builders';
import { asAdmin, createTestDatabase } from '../harness/database';
import { MovableClock } from '../harness/movable-clock';
import { pipelineModule } from '../harness/pipeline';

export const ANN: Proposer = { name: 'Ann', standsFor: 'https://people.test ann' };

/** The service without its edge and without its worker: plans are made from inventories that tests build. */
export interface PlanningWorld {
  readonly app: INestApplicationContext;
  readonly build: Builders;
  readonly clock: MovableClock;
  /** The login of the service's own work, and the administrator's. */
  readonly urls: { readonly app: string; readonly admin: string };
  get<T>(type: new (...dependencies: never[]) => T): T;
  rows<T extends object>(statement: string, values?: unknown[]): Promise<T[]>;
  /** With a clean-up role, and clean-up switched on in its tenant. */
  account(tenantId: string, awsAccountId?: string): Promise<BuiltAccount>;
  findingsOf(tenantId: string, name?: string): Promise<string[]>;
  draft(tenantId: string, request?: Partial<PlanRequest>): Promise<string>;
  propose(tenantId: string, planId: string, by?: Proposer): Promise<string>;
  plan(planId: string): Promise<PlanRow>;
  items(planId: string): Promise<PlanItemRow[]>;
  /** "role reporting: waiting", "access-key alice: refused EXEMPT"; without the names' account. */
  told(planId: string): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startPlanning(): Promise<PlanningWorld> {
  const database = await createTestDatabase();
  const clock = new MovableClock();
  const config = database.config({ role: 'api' });
  @Module({ imports: [pipelineModule(config, {}, clock), CleanupModule] })
  class Root {}
  const app = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
  const build = builders(app);
  const get = <T>(type: new (...dependencies: never[]) => T): T => app.get(type, { strict: false });
  const rows = <T extends object>(statement: string, values: unknown[] = []): Promise<T[]> =>
    asAdmin(database.adminUrl, async (client) => {
      await client.query('SET search_path = mothball');
      return (await client.query<T>(statement, values)).rows;
    });
  const items = (planId: string): Promise<PlanItemRow[]> =>
    rows<PlanItemRow>('SELECT * FROM plan_items WHERE plan_id = $1 ORDER BY position', [planId]);

  return {
    ...{ app, build, clock, get, rows, items },
    urls: { app: database.urls.app, admin: database.adminUrl },
    account: async (tenantId, awsAccountId) => {
      const account = await build.account(tenantId, awsAccountId === undefined ? {} : { awsAccountId });
      await rows('UPDATE accounts SET cleanup_role_arn = $2 WHERE id = $1', [
        account.id,
        `arn:aws:iam::${account.awsAccountId}:role/mothball-cleanup`,
      ]);
      await build.database.inTenant(tenantId, (manager) =>
        get(TenantSettings).setCleanup(manager, tenantId, { enabled: true, dryRun: false }),
      );
      return account;
    },
    findingsOf: async (tenantId, name) =>
      (
        await rows<{ id: string }>(
          `SELECT f.id FROM findings f JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
           WHERE f.tenant_id = $1 AND f.status = 'open' AND ($2::text IS NULL OR split_part(i.name, '/', 1) = $2) ORDER BY f.id`,
          [tenantId, name ?? null],
        )
      ).map(({ id }) => id),
    draft: (tenantId, request = {}) =>
      build.database.inTenant(tenantId, (manager) =>
        get(PlanDrafts).draft(
          manager,
          tenantId,
          { goal: 'deletion', selection: { filter: { idleDaysAtLeast: 0 } }, ...request },
          ANN,
        ),
      ),
    propose: async (tenantId, planId, by = ANN) =>
      (await build.database.inTenant(tenantId, (manager) => get(PlanProposals).propose(manager, tenantId, planId, by)))
        .manifestHash,
    plan: async (planId) => {
      const [plan] = await rows<PlanRow>('SELECT * FROM plans WHERE id = $1', [planId]);
      if (!plan) throw new Error('There is no such plan.');
      return plan;
    },
    told: async (planId) =>
      (await items(planId)).map(
        ({ course, name, stage, code }) => `${course} ${name}: ${stage}${code === null ? '' : ` ${code}`}`,
      ),
    stop: async () => {
      await app.close();
      await database.drop();
    },
  };
}

const daysAgo = (days: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 - days * DAY_MS);
export const usedDaysAgo = (days: number): LastUsed => ({
  ...{ state: 'at', at: daysAgo(days), region: 'eu-west-1', service: 's3' },
});

/** A role that was last used half a year ago. */
export const idleRole = (account: BuiltAccount, changes: Partial<InventoryRole> = {}): InventoryRole => {
  const { name = 'reporting', path = '/' } = changes;
  return {
    ...{ kind: 'role', name, path, arn: `arn:aws:iam::${account.awsAccountId}:role${path}${name}` },
    ...{ uniqueId: `AROA${newId().replaceAll('-', '').slice(-16).toUpperCase()}`, createdAt: daysAgo(1_000), tags: {} },
    ...{ boundaryArn: null, attachedPolicyArns: [], inlinePolicyNames: [], lastUsed: usedDaysAgo(180) },
    ...{ instanceProfileArns: [], trustedPrincipals: ['lambda.amazonaws.com'] },
    ...changes,
  };
};

export const idleKey = (changes: Partial<InventoryAccessKey> = {}): InventoryAccessKey => ({
  ...{ kind: 'access-key', slot: 1, active: true, createdAt: daysAgo(1_000 + (changes.slot ?? 1)) },
  accessKeyId: `AKIA${newId().replaceAll('-', '').slice(-16).toUpperCase()}`,
  lastUsed: usedDaysAgo(180),
  ...changes,
});

export interface Has {
  readonly keys?: readonly InventoryAccessKey[];
  readonly password?: LastUsed;
}

/** A user with these keys and, where its last use is given, a password. */
export const userWith = (account: BuiltAccount, has: Has, changes: Partial<InventoryUser> = {}): InventoryUser => {
  const { name = 'alice', path = '/' } = changes;
  return {
    ...{ kind: 'user', name, path, arn: `arn:aws:iam::${account.awsAccountId}:user${path}${name}`, isRoot: false },
    ...{ uniqueId: `AIDA${newId().replaceAll('-', '').slice(-16).toUpperCase()}`, createdAt: daysAgo(1_000), tags: {} },
    ...{ boundaryArn: null, attachedPolicyArns: [], inlinePolicyNames: [], groups: [] },
    credentials: {
      state: 'known',
      value: {
        password: has.password
          ? { kind: 'password', lastChangedAt: daysAgo(900), lastUsed: has.password, mfaActive: false }
          : null,
        accessKeys: has.keys ?? [],
        activeCertificates: 0,
      },
    },
    otherCredentials: { state: 'known', value: { activeSshKeys: 0, activeServiceSpecific: 0 } },
    ...changes,
  };
};
