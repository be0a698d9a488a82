import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { lossesOf } from '../actions/losses';
import { deadPrincipals } from '../actions/refusals/restoring';
import { settableTags } from '../actions/steps/re-creation';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed } from '../observed';
import { Snapshots } from '../snapshots/snapshots.service';
import type { Refusal } from '../steps';
import { type Restorable, wayBack, type Way } from './restorable';
import { restorables } from './restores.service';

/** What a restore of one item would do, before anybody asks for it. */
export interface RestorePreview {
  readonly itemId: string;
  readonly way: Way['way'];
  /** Why it cannot come back, and what to do; null: it can. */
  readonly refusal: Refusal | null;
  /** Sentences for people. */
  readonly comesBack: readonly string[];
  readonly neverComesBack: readonly string[];
}

const GIVEN_BACK: Readonly<Record<PlanItemRow['course'], string>> = {
  'access-key': 'The access key as it was: active again.',
  'observed-key': 'The user and its access key exactly as they were.',
  password: 'The password, which was not touched.',
  user: 'The user exactly as it was: the boundary is taken off, its keys are active again.',
  role: 'The role exactly as it was: the boundary is taken off.',
};

/** What comes back, and what never does. Reads what is kept; asks AWS nothing. */
@Injectable()
export class RestorePreviews {
  constructor(private readonly snapshots: Snapshots) {}

  /** In the order of the items' ids. Throws BAD_INPUT and NOT_FOUND. */
  async of(manager: EntityManager, tenantId: string, itemIds: readonly string[]): Promise<RestorePreview[]> {
    const items = await restorables(manager, tenantId, itemIds, { hold: false });
    const previews: RestorePreview[] = [];
    for (const item of items) previews.push(await this.preview(manager, item));
    return previews;
  }

  private async preview(manager: EntityManager, item: Restorable): Promise<RestorePreview> {
    const way = wayBack(item);
    const base = { itemId: item.id, way: way.way, refusal: way.way === 'none' ? way.why : null };
    if (way.way === 'give-back') return { ...base, comesBack: [GIVEN_BACK[item.course]], neverComesBack: [] };
    if (way.way !== 'make-again') return { ...base, comesBack: [], neverComesBack: item.losses };
    const snapshot = await this.snapshots.loadReadable(manager, { tenantId: item.tenant_id, itemId: item.id });
    if (!snapshot) return { ...base, refusal: NOT_READABLE, comesBack: [], neverComesBack: [] };
    const dead = snapshot.kind === 'role' ? deadPrincipals(snapshot.trustPolicy) : [];
    return {
      ...base,
      refusal: dead.length > 0 && item.stage === 'deleted' ? deadTrust(snapshot, dead) : null,
      comesBack: comesBack(snapshot),
      neverComesBack: lossesOf(snapshot, null, item),
    };
  }
}

const NOT_READABLE: Refusal = {
  code: 'NO_SNAPSHOT',
  reason: 'What was saved of it is not there any more, or cannot be read.',
  remedy: 'Restore the tables snapshots and data_keys from a backup, or make it again by hand.',
};

const deadTrust = ({ name }: Observed, dead: readonly string[]): Refusal => ({
  code: 'DEAD_PRINCIPAL',
  reason: `The trust policy of ${name} names principals that were deleted (${dead.join(', ')}), and AWS makes no role with such a policy.`,
  remedy: 'Make the role by hand, with a trust policy that names who is meant now.',
});

function comesBack(saved: Observed): string[] {
  const part = (what: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${what}: ${names.join(', ')}.`];
  const common = [
    `The ${saved.kind} ${saved.path}${saved.name}, with a new unique id.`,
    ...part('Managed policies', saved.attachedPolicyArns),
    ...part('Inline policies', Object.keys(saved.inlinePolicies)),
    ...part(
      'Tags',
      settableTags(saved.tags).map(({ Key }) => Key),
    ),
    ...part('Its permissions boundary', saved.boundaryArn === null ? [] : [saved.boundaryArn]),
  ];
  if (saved.kind === 'role') {
    return [...common, 'Its trust policy.', ...part('Its place in instance profiles', saved.instanceProfileArns)];
  }
  const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);
  return [
    ...common,
    ...part('Groups', saved.groups),
    ...part('SSH public keys', ids(saved.sshKeys)),
    ...part('Signing certificates', ids(saved.certificates)),
  ];
}
