import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Pool } from 'pg';
import { startSimulator, type RunningSimulator, type SimulatorOptions } from '../../aws-simulator/server';
import { AccountsModule } from '../../src/accounts/accounts.module';
import { ExternalIds, type WithPrefix } from '../../src/accounts/external-ids.service';
import { OrganizationsService } from '../../src/accounts/organizations.service';
import { syncOrganization } from '../../src/accounts/sync-organization.definition';
import { AssignmentsService } from '../../src/accounts/assignments.service';
import { awsPolicyArn } from '../../src/aws/arns';
import { AwsModule } from '../../src/aws/aws.module';
import type { AwsOptions } from '../../src/aws/aws-options';
import type { PacingOptions } from '../../src/aws/pacing';
import { CleanupModule } from '../../src/cleanup/cleanup.module';
import type { Clock } from '../../src/clock';
import type { Config, ConfigValues } from '../../src/config';
import { FindingsModule } from '../../src/findings/findings.module';
import { newId } from '../../src/ids';
import { NotificationsModule } from '../../src/notifications/notifications.module';
import { RolesModule } from '../../src/roles/roles.module';
import { ScansModule } from '../../src/scans/scans.module';
import { SweepsService } from '../../src/scans/sweeps.service';
import { TaskQueue } from '../../src/tasks/task-queue.service';
import { TasksModule } from '../../src/tasks/tasks.module';
import { TenancyModule } from '../../src/tenancy/tenancy.module';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../src/tenancy/tenant-database';
import { TenantsService } from '../../src/tenancy/tenants.service';
import { createTestDatabase, type TestDatabase } from './database';

export interface Pipeline {
  readonly simulator: RunningSimulator;
  readonly database: TestDatabase;
  readonly tenants: TenantDatabase;
  /** A service's provider. */
  get<T>(type: new (...dependencies: never[]) => T): T;
  /** Rows as the administrator sees them, row-level security aside. */
  rows<T extends object>(statement: string, values?: unknown[]): Promise<T[]>;
  createTenant(): Promise<string>;
  /** Connects the simulator's organization, deploys the roles it asks for, and syncs it. */
  connectOrganization(): Promise<string>;
  assign(tenantId: string, awsAccountIds: readonly string[]): Promise<void>;
  sweep(tenantId: string): Promise<string>;
  /** Waits until nothing is left to do within the hour. Fails on a parked task unless those are expected. */
  settle(options?: { timeoutMs?: number; parkedAllowed?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

export interface PipelineOptions {
  readonly simulator?: SimulatorOptions;
  readonly aws?: AwsOptions;
  readonly config?: Partial<ConfigValues>;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const fast = { perSecond: 10_000, burst: 1_000 };

/** For a simulator without limits: the rates that suit AWS only make tests slow. */
export const unpaced: PacingOptions = {
  paces: { 'iam:*': fast, 'organizations:*': fast, 'sts:*': fast, 'sns:*': fast, 'cloudtrail:LookupEvents': fast },
};

/** The service without its edge, as a module. */
export function pipelineModule(config: Config, aws: AwsOptions, clock?: Clock): new () => object {
  @Module({
    imports: [
      TenancyModule.with(config, clock),
      AwsModule.forRoot({ useFactory: () => aws }),
      TasksModule,
      AccountsModule,
      ScansModule,
      FindingsModule,
      CleanupModule,
      RolesModule,
      NotificationsModule,
    ],
  })
  class Root {}
  return Root;
}

/** The service without its edge, on a database and an AWS of its own. */
export async function startPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const simulator = await startSimulator({ pacing: 'unlimited', ...options.simulator });
  const database = await createTestDatabase();
  process.env['AWS_ACCESS_KEY_ID'] = simulator.credentials.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = simulator.credentials.secretAccessKey;
  const aws: AwsOptions = { endpoint: simulator.url, firstLookMs: 20, ...options.aws };

  const root = pipelineModule(database.config(options.config), aws, options.clock);
  const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  const tenants = app.get(TenantDatabase);
  const queue = app.get(TaskQueue, { strict: false });

  const administrator = new Pool({ connectionString: database.adminUrl, options: '-c search_path=mothball', max: 2 });
  administrator.on('error', () => undefined);
  const rows = async <T extends object>(statement: string, values: unknown[] = []): Promise<T[]> =>
    (await administrator.query<T>(statement, values)).rows;

  const settle: Pipeline['settle'] = async ({ timeoutMs = 60_000, parkedAllowed = false } = {}) => {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const [counts] = await rows<{ open: string; parked: string }>(
        `SELECT count(*) FILTER (WHERE state IN ('admitted', 'running')
                  OR (state = 'waiting' AND due_at < now() + interval '1 hour')) AS open,
                count(*) FILTER (WHERE state = 'failed') AS parked FROM tasks`,
      );
      if (counts?.open === '0') {
        if (counts.parked !== '0' && !parkedAllowed) {
          throw new Error(
            `Tasks were parked: ${JSON.stringify(await rows("SELECT * FROM tasks WHERE state = 'failed'"))}`,
          );
        }
        return;
      }
      if (Date.now() > end) {
        throw new Error(
          `Not settled: ${JSON.stringify(await rows("SELECT kind, state, error_code, error_message FROM tasks WHERE state <> 'done'"))}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  return {
    simulator,
    database,
    tenants,
    get: (type) => app.get(type, { strict: false }),
    rows,
    settle,
    createTenant: () =>
      tenants.inTenant(PLATFORM_TENANT_ID, (manager) => app.get(TenantsService).create(manager, `tenant ${newId()}`)),
    connectOrganization: async () => {
      const managementAccountId = simulator.world.organization.managementAccountId;
      const organizationId = await tenants.inTenant(PLATFORM_TENANT_ID, async (manager) =>
        app.get(OrganizationsService, { strict: false }).connect(manager, { name: 'Simulated', managementAccountId }),
      );
      const [organization] = await rows<WithPrefix>('SELECT * FROM organizations');
      if (!organization) throw new Error('There is no organization.');
      const role = {
        trustedPrincipalArn: simulator.credentials.userArn,
        externalIdPrefix: await app.get(ExternalIds, { strict: false }).prefixOf(organization),
      };
      simulator.control.deployRole({
        ...role,
        roleName: 'mothball-scan',
        managedPolicyArns: [awsPolicyArn('aws', 'SecurityAudit')],
        accounts: 'all',
      });
      simulator.control.deployRole({
        ...role,
        roleName: 'mothball-list',
        managedPolicyArns: [awsPolicyArn('aws', 'AWSOrganizationsReadOnlyAccess')],
        accounts: [managementAccountId],
      });
      await tenants.inTenant(PLATFORM_TENANT_ID, (manager) =>
        queue.enqueue(manager, { tenantId: PLATFORM_TENANT_ID, task: syncOrganization, payload: { organizationId } }),
      );
      await settle();
      return organizationId;
    },
    assign: async (tenantId, awsAccountIds) => {
      const found = await rows<{ id: string }>('SELECT id FROM accounts WHERE aws_account_id = ANY ($1)', [
        awsAccountIds,
      ]);
      await app.get(AssignmentsService, { strict: false }).assignList(
        found.map(({ id }) => id),
        tenantId,
      );
    },
    sweep: (tenantId) =>
      tenants.inTenant(tenantId, (manager) =>
        app.get(SweepsService, { strict: false }).start(manager, tenantId, 'test'),
      ),
    stop: async () => {
      await app.close();
      await simulator.close();
      await administrator.end();
      await database.drop();
    },
  };
}
