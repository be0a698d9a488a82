import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { badInput, DomainError, notFound } from '../../errors';
import { Events } from '../../tasks/events.service';
import { judgedAccounts } from '../account-facts';
import { tightens } from './baseline/baseline';
import { BaselineService } from './baseline/baseline.service';
import { policySet } from './policies-in-force';
import type { PolicyDocument } from './documents/policy-document';
import { merged, placedBy, planPolicies, type PolicyPlan, type Wanted } from './policy-plan';
import { affectedBy } from './policy-set';
import { PolicyStore, setHash } from './policy-store.service';
import type { SavedBy } from './policy-rows';
import { PolicyWriter } from './policy-writer.service';
import type { StoredPolicy } from './stored-policy';

/** REPLACE: these and no others, in this order. MERGE: these besides the others, which stay as they are. */
export type ApplyMode = 'REPLACE' | 'MERGE';

export interface Apply {
  readonly documents: readonly PolicyDocument[];
  readonly mode: ApplyMode;
  /** The hash of the policies that the change is made on top of; null: of whatever there is. */
  readonly expectedHash?: string | null | undefined;
  readonly dryRun?: boolean | null | undefined;
}

export interface Applied {
  readonly plan: PolicyPlan;
  /** Of the policies afterwards. */
  readonly hash: string;
  /** How many accounts are judged again. */
  readonly accounts: number;
}

/** Changes a tenant's policies: in versions, in an order, never looser than the platform's baseline. */
@Injectable()
export class PoliciesService {
  constructor(
    private readonly store: PolicyStore,
    private readonly baselines: BaselineService,
    private readonly writer: PolicyWriter,
    private readonly events: Events,
  ) {}

  /**
   * Saves documents; the accounts in which something else decides afterwards are judged again from the inventory, without
   * calling AWS. A policy that acts by itself judges by its last agreed version until a second person has agreed. Throws
   * BAD_INPUT naming every field that is looser than the baseline, CONFLICT where others have changed the policies since.
   */
  async apply(manager: EntityManager, tenantId: string, change: Apply, by: SavedBy): Promise<Applied> {
    const all = await this.lock(manager, tenantId);
    const wanted = wantedBy(all.filter(isStanding), change);
    return this.carryOut(manager, tenantId, { all, wanted, ...change }, by);
  }

  /** One policy, new or changed. `expectedVersion`: the number of its newest version, 0 for a new one. */
  async save(
    manager: EntityManager,
    tenantId: string,
    { document, expectedVersion }: { document: PolicyDocument; expectedVersion?: number | null | undefined },
    by: SavedBy,
  ): Promise<Applied> {
    const all = await this.lock(manager, tenantId);
    const last = all.find((one) => one.name === document.name && isStanding(one))?.lastVersion ?? 0;
    if (expectedVersion != null && expectedVersion !== last) {
      throw new DomainError(
        'CONFLICT',
        `expectedVersion: "${document.name}" is at version ${last} by now. Read it again, and save on top of that.`,
      );
    }
    return this.carryOut(manager, tenantId, { all, wanted: merged(all.filter(isStanding), [document]) }, by);
  }

  /** To another place in the order, counted from 1. Throws NOT_FOUND, BAD_INPUT. */
  async move(
    manager: EntityManager,
    tenantId: string,
    moved: { id: string; to: number },
    by: SavedBy,
  ): Promise<Applied> {
    const all = await this.lock(manager, tenantId);
    const standing = all.filter(isStanding);
    const keep = mustFind(standing, moved.id);
    if (!Number.isInteger(moved.to) || moved.to < 1 || moved.to > standing.length) {
      throw badInput(`position: must be from 1 to ${standing.length}.`);
    }
    const wanted = standing.filter((one) => one !== keep).map((one): Wanted => ({ keep: one }));
    wanted.splice(moved.to - 1, 0, { keep });
    return this.carryOut(manager, tenantId, { all, wanted }, by);
  }

  /** It judges no longer; its versions stay. Throws NOT_FOUND. */
  async retire(manager: EntityManager, tenantId: string, id: string, by: SavedBy): Promise<Applied> {
    const all = await this.lock(manager, tenantId);
    const standing = all.filter(isStanding);
    const retired = mustFind(standing, id);
    const wanted = standing.filter((one) => one !== retired).map((keep): Wanted => ({ keep }));
    return this.carryOut(manager, tenantId, { all, wanted }, by);
  }

  private async carryOut(
    manager: EntityManager,
    tenantId: string,
    change: { all: readonly StoredPolicy[]; wanted: readonly Wanted[] } & Partial<Apply>,
    by: SavedBy,
  ): Promise<Applied> {
    const { all, wanted, expectedHash, dryRun } = change;
    const standing = all.filter(isStanding);
    if (expectedHash != null && expectedHash !== setHash(standing)) {
      throw new DomainError(
        'CONFLICT',
        'expectedHash: the policies have been changed since. Read them again, and apply on top of that.',
      );
    }
    const { baseline } = await this.baselines.current(manager);
    const plan = planPolicies(all, wanted);
    mustTighten(plan, (bound) => tightens(baseline, bound));
    const affected = affectedBy(
      policySet(standing, baseline),
      policySet(placedBy(plan), baseline),
      await judgedAccounts(manager, tenantId),
    );
    if (dryRun === true) return { plan, hash: setHash(standing), accounts: affected.length };
    await this.writer.write(manager, tenantId, plan, { baseline, by });
    const hash = setHash(await this.store.standing(manager, tenantId));
    await this.events.record(
      manager,
      tenantId,
      affected.map(({ id }) => ({ type: 'policy.applied', objectType: 'account', objectId: id, data: { hash } })),
    );
    return { plan, hash, accounts: affected.length };
  }

  /** People who save at once do so one after the other. Returns all policies, retired ones too. */
  private async lock(manager: EntityManager, tenantId: string): Promise<StoredPolicy[]> {
    await lockPolicies(manager, tenantId);
    return this.store.all(manager, tenantId);
  }
}

/** Whoever changes what a tenant's policies are waits here for each other. */
export async function lockPolicies(manager: EntityManager, tenantId: string): Promise<void> {
  await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('policies ' || $1::text, 0))`, [tenantId]);
}

/** The order that a change asks for. Throws BAD_INPUT for no documents at all. */
export function wantedBy(
  standing: readonly StoredPolicy[],
  { documents, mode }: Pick<Apply, 'documents' | 'mode'>,
): Wanted[] {
  if (documents.length === 0) throw badInput('documents: there is no policy in it.');
  return mode === 'MERGE' ? merged(standing, documents) : documents.map((document) => ({ document }));
}

export const isStanding = ({ retiredAt }: StoredPolicy): boolean => retiredAt === null;

function mustFind(standing: readonly StoredPolicy[], id: string): StoredPolicy {
  const found = standing.find((one) => one.id === id);
  if (!found) throw notFound('The policy');
  return found;
}

/** What is as it was may have become looser than a newer baseline: then it counts as strict as that, and stays. */
function mustTighten(
  plan: PolicyPlan,
  looser: (bound: NonNullable<PolicyPlan['policies'][number]['added']>) => readonly { path: string; message: string }[],
): void {
  const violations = plan.policies.flatMap(({ name, added }) =>
    added ? looser(added).map(({ path, message }) => `${name}: ${path}: ${message}`) : [],
  );
  if (violations.length > 0) {
    throw badInput(`The policies are looser than the platform’s baseline allows. ${violations.join(' ')}`);
  }
}
