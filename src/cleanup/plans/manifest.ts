import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError, notFound } from '../../errors';
import { hashOf } from '../../findings/policies/documents/canonical';
import type { PlanItemRow } from '../items/plan-item';
import type { PlanRow } from './plan';

/** What of a plan is in its manifest, besides its items. */
export type ManifestHead = Pick<
  PlanRow,
  | 'tenant_id'
  | 'id'
  | 'title'
  | 'note'
  | 'mode'
  | 'policy_name'
  | 'policy_version'
  | 'goal'
  | 'dry_run'
  | 'terms'
  | 'selection'
  | 'approvals_needed'
  | 'made_by'
  | 'stands_for'
>;

/** What of an item is in it. */
export type ManifestItem = Pick<
  PlanItemRow,
  | 'id'
  | 'position'
  | 'account_id'
  | 'aws_account_id'
  | 'partition'
  | 'identity_id'
  | 'course'
  | 'principal_id'
  | 'name'
  | 'path'
  | 'arn'
  | 'access_key_id'
  | 'finding_ids'
  | 'check_ids'
  | 'approved'
  | 'references_found'
  | 'continues_item_id'
>;

const ITEM_COLUMNS = `id, position, account_id, aws_account_id, partition, identity_id, course, principal_id, name, path, arn,
  access_key_id, finding_ids, check_ids, approved, references_found, continues_item_id`;
const HEAD_COLUMNS = `tenant_id, id, title, note, mode, policy_name, policy_version, goal, dry_run, terms, selection,
  approvals_needed, made_by, stands_for`;

/** SHA-256, hexadecimal, of an item's part of the manifest. */
export const itemHash = (item: ManifestItem): string =>
  hashOf({
    ...{ id: item.id, position: item.position, accountId: item.account_id, awsAccountId: item.aws_account_id },
    ...{ partition: item.partition, identityId: item.identity_id, course: item.course },
    ...{ principalId: item.principal_id, name: item.name, path: item.path, arn: item.arn },
    ...{ accessKeyId: item.access_key_id, findingIds: item.finding_ids, checkIds: item.check_ids },
    ...{ approved: item.approved, references: item.references_found, continues: item.continues_item_id },
  });

/**
 * SHA-256, hexadecimal, of the manifest: of the plan's terms and of the hashes of its items in their order. So one item
 * can be compared with what was approved without reading the ten thousand others.
 */
export const manifestHash = (plan: ManifestHead, items: readonly ManifestItem[]): string =>
  hashOfBoth(
    plan,
    [...items].sort((a, b) => a.position - b.position).map((item) => itemHash(item)),
  );

const hashOfBoth = (plan: ManifestHead, itemHashes: readonly string[]): string =>
  hashOf({
    ...{ form: 1, tenantId: plan.tenant_id, id: plan.id, title: plan.title, note: plan.note, mode: plan.mode },
    ...{ policyName: plan.policy_name, policyVersion: plan.policy_version, goal: plan.goal, dryRun: plan.dry_run },
    ...{ terms: plan.terms, selection: plan.selection, approvalsNeeded: plan.approvals_needed },
    ...{ madeBy: plan.made_by, standsFor: plan.stands_for },
    items: createHash('sha256').update(itemHashes.join('')).digest('hex'),
  });

/** Compares what is stored with what was approved. The database's triggers keep it the same; this is what proves it. */
@Injectable()
export class Manifests {
  /** Of the plan as it is stored now, items that are refused left out. */
  async hashOf(manager: EntityManager, tenantId: string, planId: string): Promise<string> {
    const { head } = await readHead(manager, tenantId, planId);
    return manifestHash(head, await readItems(manager, tenantId, planId));
  }

  /**
   * Throws MANIFEST_CHANGED unless the plan's stored terms and items are those that its hash was made of. `itemIds`: the
   * items that are about to be worked on; the others are then taken by the hashes that they were stored with.
   */
  async mustBeAsApproved(
    manager: EntityManager,
    tenantId: string,
    planId: string,
    itemIds?: readonly string[],
  ): Promise<void> {
    const { head, hash } = await readHead(manager, tenantId, planId);
    const items = await readItems(manager, tenantId, planId, itemIds);
    const fresh = new Map(items.map((item) => [item.id, itemHash(item)]));
    const stored = await manager.query<{ id: string; content_hash: string }[]>(
      `SELECT id, content_hash FROM plan_items WHERE tenant_id = $1 AND plan_id = $2 AND stage <> 'refused' ORDER BY position`,
      [tenantId, planId],
    );
    const asked = itemIds ?? items.map(({ id }) => id);
    const all = asked.every((id) => fresh.has(id));
    const hashes = stored.map(({ id, content_hash }) => fresh.get(id) ?? content_hash);
    if (all && hash !== null && hash === hashOfBoth(head, hashes)) return;
    throw new DomainError('MANIFEST_CHANGED', 'What is stored of this plan is not what was approved.', {
      remedy: 'Cancel the plan and make a new one, and find out who has changed the database by hand.',
    });
  }
}

async function readHead(
  manager: EntityManager,
  tenantId: string,
  planId: string,
): Promise<{ head: ManifestHead; hash: string | null }> {
  const [row] = await manager.query<(ManifestHead & { manifest_hash: string | null })[]>(
    `SELECT ${HEAD_COLUMNS}, manifest_hash FROM plans WHERE tenant_id = $1 AND id = $2`,
    [tenantId, planId],
  );
  if (!row) throw notFound('The plan');
  return { head: row, hash: row.manifest_hash };
}

const readItems = async (
  manager: EntityManager,
  tenantId: string,
  planId: string,
  itemIds: readonly string[] | null = null,
): Promise<ManifestItem[]> =>
  manager.query(
    `SELECT ${ITEM_COLUMNS} FROM plan_items
     WHERE tenant_id = $1 AND plan_id = $2 AND stage <> 'refused' AND ($3::uuid[] IS NULL OR id = ANY ($3::uuid[]))
     ORDER BY position`,
    [tenantId, planId, itemIds],
  );
