import { setTimeout as sleep } from 'node:timers/promises';
import type { Control } from '../../aws-simulator/control/control';
import type { SimulatorOptions } from '../../aws-simulator/server';
import type { AwsOptions } from '../../src/aws/aws-options';
import type { CleanupRules } from '../../src/cleanup/rules/cleanup-rules';
import type { PlanGoal } from '../../src/cleanup/items/plan-item';
import type { ConfigValues } from '../../src/config';
import type { FindingFilter } from '../../src/findings/finding-queries';
import { parsePolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { PoliciesService } from '../../src/findings/policies/policies.service';
import { newId } from '../../src/ids';
import { SweepsService } from '../../src/scans/sweeps.service';
import type { Principal } from '../../src/tenancy/principal';
import { TenantSettings } from '../../src/tenancy/tenant-settings.service';
import { CleanupDue } from '../../src/cleanup/execution/cleanup-due.service';
import { PlanApprovals } from '../../src/cleanup/decisions/plan-approvals.service';
import { PlanDrafts } from '../../src/cleanup/plans/plan-drafts.service';
import { PlanProposals } from '../../src/cleanup/plans/plan-proposals.service';
import { MovableClock } from '../harness/movable-clock';
import { startPipeline, unpaced, type Pipeline } from '../harness/pipeline';
import { addAccount, type CleanUpAccount } from './aws-account';

export interface WorldOptions {
  readonly simulator?: SimulatorOptions;
  readonly config?: Partial<ConfigValues>;
  readonly aws?: AwsOptions;
}

export interface Planned {
  /** Default: everything that is open. */
  readonly findingIds?: readonly string[];
  readonly filter?: FindingFilter;
  readonly goal?: PlanGoal;
  readonly dryRun?: boolean;
}

export interface CleanUpWorld {
  readonly pipeline: Pipeline;
  readonly control: Control;
  readonly clock: MovableClock;
  /** A tenant that may clean up for real. */
  newTenant(policy?: object): Promise<string>;
  newAccount(tenantId: string, options?: { tags?: Readonly<Record<string, string>> }): Promise<CleanUpAccount>;
  scan(...tenantIds: string[]): Promise<void>;
  /** Proposed, waiting for a second person. */
  propose(tenantId: string, planned?: Planned): Promise<{ planId: string; manifestHash: string }>;
  /** Proposed, and agreed to by a second person. Returns its id. */
  agree(tenantId: string, planned?: Planned): Promise<string>;
  /** Time goes on, in the service and in AWS; nobody uses anything meanwhile. */
  pass(time: { days?: number; hours?: number }): void;
  /** All that has become due is done. */
  turn(...tenantIds: string[]): Promise<void>;
  /** Time goes on, and what is due after it is done. */
  after(time: { days?: number; hours?: number }, ...tenantIds: string[]): Promise<void>;
  /** Waits until nothing is left to do now. */
  settle(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** Each time another person. */
export const someone = (tenantId: string, name = 'Somebody', role: Principal['role'] = 'admin'): Principal => {
  const id = newId();
  return {
    kind: 'person',
    id,
    name,
    scope: 'tenant',
    tenantId,
    tenantName: 'a tenant',
    role,
    standsFor: `https://people.test ${id}`,
  };
};

/** The service without its edge, an AWS, and one clock for both that tests move. */
export async function startWorld(options: WorldOptions = {}): Promise<CleanUpWorld> {
  const clock = new MovableClock();
  const pipeline = await startPipeline({
    clock,
    config: { leaseMs: 5_000, workerConcurrency: 12, databasePoolSize: 16, ...options.config },
    simulator: {
      seed: 1,
      accounts: 1,
      usersPerAccount: 0,
      rolesPerAccount: 0,
      switches: { report: { pendingPolls: 0 } },
      serviceSwitches: { serviceLastAccessedPolls: 0 },
      ...options.simulator,
    },
    aws: { pacing: unpaced, ...options.aws },
  });
  return worldOf(pipeline, clock);
}

function worldOf(pipeline: Pipeline, clock: MovableClock): CleanUpWorld {
  const { simulator, tenants, get } = pipeline;
  const settle = (timeoutMs = 60_000): Promise<void> => untilNothingIsDue(pipeline, timeoutMs);
  const turn = async (...tenantIds: string[]): Promise<void> => {
    await pipeline.rows("UPDATE tasks SET due_at = now() WHERE state = 'waiting' AND kind = 'clean-account'");
    for (const tenantId of tenantIds) {
      await tenants.inTenant(tenantId, (manager) => get(CleanupDue).enqueue(manager, tenantId, 'all due'));
    }
    await settle();
  };
  const pass = ({ days = 0, hours = 0 }: { days?: number; hours?: number }): void => {
    const ms = Math.round((days * 24 + hours) * HOUR_MS);
    simulator.control.pass(ms, { quiet: true });
    clock.move(ms);
  };
  const propose = (tenantId: string, planned: Planned = {}) => proposed(pipeline, tenantId, planned);
  return {
    pipeline,
    control: simulator.control,
    clock,
    newTenant: async (policy) => {
      const tenantId = await pipeline.createTenant();
      await makeReady(pipeline, tenantId, policy);
      return tenantId;
    },
    newAccount: (tenantId, options) => addAccount(pipeline, tenantId, options),
    scan: async (...tenantIds) => {
      simulator.control.expireReports();
      for (const tenantId of tenantIds) {
        await tenants.inTenant(tenantId, (manager) => get(SweepsService).start(manager, tenantId, 'test'));
      }
      await settle();
    },
    propose,
    agree: async (tenantId, planned) => {
      const { planId, manifestHash } = await propose(tenantId, planned);
      if (planned?.dryRun !== true) {
        await tenants.inTenant(tenantId, (manager) =>
          get(PlanApprovals).approve(manager, tenantId, planId, manifestHash, someone(tenantId, 'Bob', 'approver')),
        );
      }
      return planId;
    },
    pass,
    turn,
    after: async (time, ...tenantIds) => {
      pass(time);
      await turn(...tenantIds);
    },
    settle,
    stop: () => pipeline.stop(),
  };
}

async function makeReady({ tenants, get }: Pipeline, tenantId: string, policy: object | undefined): Promise<void> {
  await tenants.inTenant(tenantId, async (manager) => {
    await get(TenantSettings).setCleanup(manager, tenantId, { enabled: true, dryRun: false, concurrency: 256 });
    if (!policy) return;
    const document = parsePolicyDocument({ apiVersion: 'mothball/v1', kind: 'Policy', name: 'of-the-test', ...policy });
    await get(PoliciesService).apply(manager, tenantId, { documents: [document], mode: 'REPLACE' }, someone(tenantId));
  });
}

async function proposed(
  { tenants, get, rows }: Pipeline,
  tenantId: string,
  { findingIds, filter, goal = 'deletion', dryRun = false }: Planned,
): Promise<{ planId: string; manifestHash: string }> {
  const selection = filter ? { filter } : { findingIds: findingIds ?? (await openFindings(rows, tenantId)) };
  const by = someone(tenantId, 'Alice');
  const request = { goal, dryRun, selection };
  const planId = await tenants.inTenant(tenantId, (manager) => get(PlanDrafts).draft(manager, tenantId, request, by));
  const { manifestHash } = await tenants.inTenant(tenantId, (manager) =>
    get(PlanProposals).propose(manager, tenantId, planId, by),
  );
  return { planId, manifestHash };
}

async function openFindings(rows: Pipeline['rows'], tenantId: string): Promise<string[]> {
  const found = await rows<{ id: string }>("SELECT id FROM findings WHERE tenant_id = $1 AND status = 'open'", [
    tenantId,
  ]);
  return found.map(({ id }) => id);
}

/** What the platform lets everybody have, written as it stands: so that tests need not wait for 35 days. */
export async function platformRules({ rows }: Pipeline, rules: Partial<CleanupRules>): Promise<void> {
  await rows(
    `INSERT INTO cleanup_rules (tenant_id, set_by, rules, saved_by, saved_at)
     VALUES ('00000000-0000-7000-8000-000000000000', 'platform', $1, 'test', now())
     ON CONFLICT (tenant_id, set_by) DO UPDATE SET rules = excluded.rules`,
    [JSON.stringify(rules)],
  );
}

/** A task that is to be tried again in a while counts as settled: the next turn does that. */
async function untilNothingIsDue({ rows }: Pipeline, timeoutMs: number): Promise<void> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(25)) {
    const [counts] = await rows<{ open: number }>(
      `SELECT count(*)::int AS open FROM tasks
       WHERE state = 'running' OR (state IN ('waiting', 'admitted') AND due_at < now() + interval '200 milliseconds')`,
    );
    if (counts?.open === 0) return;
  }
  const left = await rows(
    "SELECT kind, state, due_at, attempts, error_code, error_message FROM tasks WHERE state NOT IN ('done', 'cancelled')",
  );
  throw new Error(`Not settled: ${JSON.stringify(left)}`);
}
