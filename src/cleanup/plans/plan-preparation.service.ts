import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput } from '../../errors';
import { ExemptionsService } from '../../findings/exemptions/exemptions.service';
import { PolicyStore } from '../../findings/policies/policy-store.service';
import { newId } from '../../ids';
import { InventoryReader } from '../../scans/inventory-reader';
import { COURSES, type PlanGoal } from '../items/plan-item';
import { RulesService } from '../rules/rules.service';
import type { Refusal } from '../steps';
import { approvedFacts } from './approved-facts';
import type { Considered, OtherItem } from './considered';
import { type Candidate, candidatesOf, describedBy, type PrincipalToPlan, type SelectedFinding } from './courses';
import { idleDaysOf, idlenessOf } from './idle-rule';
import { inTheWay } from './in-the-way';
import type { ManifestItem } from './manifest';
import { MOST_ITEMS } from './plan';
import {
  type AccountToPlan,
  readAccounts,
  readFindings,
  readListingRoles,
  readOthers,
  readPrincipals,
} from './plan-reader';
import { PolicyView } from './policy-view';
import { readTrust, readTrustedElsewhere, referencesOf } from './references';
import { standingRefusal } from './refusals/standing-refusals';

/** An item as it would be in a plan. */
export type PreparedItem = ManifestItem & {
  /** Null: it may be put away, as far as the inventory tells. */
  readonly refusal: Refusal | null;
};

export interface Preparation {
  /** Of the tenant; what they flag may be gone or be right by now. */
  readonly findingIds: readonly string[];
  readonly goal: PlanGoal;
  /** Whether a policy acts by itself: more is then left to hands. */
  readonly automatic: boolean;
  /** The draft that is prepared anew: its own items are in nobody's way. */
  readonly planId?: string;
}

/** A candidate, and what the policy that decides about it says. */
interface Viewed {
  readonly candidate: Candidate;
  readonly account: AccountToPlan;
  readonly view: PolicyView;
  readonly namedByPolicy: boolean;
}

/** Works out what would be in a plan, from the inventory, by a fixed number of statements. Writes nothing, calls nobody. */
@Injectable()
export class PlanPreparation {
  constructor(
    private readonly reader: InventoryReader,
    private readonly policies: PolicyStore,
    private readonly exemptions: ExemptionsService,
    private readonly rules: RulesService,
    private readonly clock: Clock,
  ) {}

  /**
   * One item for each identity, the findings of a user's credentials among the user's, with a refusal where it may not be
   * put away. In the order of a plan: by account, course and name. Throws BAD_INPUT for more identities than a plan takes.
   */
  async prepare(manager: EntityManager, tenantId: string, of: Preparation): Promise<PreparedItem[]> {
    const viewed = await this.view(manager, tenantId, await readFindings(manager, tenantId, of.findingIds));
    if (viewed.length > MOST_ITEMS) {
      throw badInput(
        `selection: it takes in ${viewed.length} identities, and a plan at most ${MOST_ITEMS}. Make several plans, for example one for each account.`,
      );
    }
    const candidates = viewed.map(({ candidate }) => candidate);
    const described = candidates.map(({ principal }) => describedBy(principal));
    const rules = await this.rules.effective(manager, tenantId);
    const others = await readOthers(
      manager,
      tenantId,
      [...new Set(described.map(({ uniqueId }) => uniqueId))],
      of.planId ?? null,
    );
    const trustedElsewhere = await readTrustedElsewhere(
      manager,
      described.map(({ arn }) => arn),
    );
    const trustedBy = await readTrust(manager, tenantId, candidates);
    const listingRoles = await readListingRoles(manager);

    const items = viewed.map((one): Omit<PreparedItem, 'position'> => {
      const { considered, item } = this.consider(one, others, of);
      const whole: Considered = {
        ...considered,
        trustedElsewhere: trustedElsewhere.has(item.arn),
        ownRoleArns: new Set([...one.account.state.roleArns, ...listingRoles]),
        rules,
      };
      const references_found = referencesOf(considered.candidate, trustedBy);
      return { ...item, references_found, refusal: standingRefusal(whole) };
    });
    return items.sort(inOrder).map((item, index) => ({ ...item, position: index + 1 }));
  }

  /** Candidates with what judges them; what is gone since, or whose account is, is left out. */
  private async view(
    manager: EntityManager,
    tenantId: string,
    findings: readonly SelectedFinding[],
  ): Promise<Viewed[]> {
    const principals = await readPrincipals(manager, this.reader, tenantId, findings);
    const accounts = await readAccounts(manager, tenantId, [...new Set(findings.map((one) => one.account_id))]);
    const inForce = await this.policies.inForce(manager, tenantId);
    const exempt = await this.exemptions.inAccounts(manager, tenantId, this.clock.now());
    const observing = new Set(
      (await this.policies.standing(manager, tenantId)).flatMap(({ name, current }) =>
        current?.action.observableQuarantine === true ? [name] : [],
      ),
    );
    const ofAccount = new Map(
      [...accounts].map(([id, { facts, state }]) => [
        id,
        { policies: inForce.compile(facts, state.roleArns), exemptions: exempt(facts) },
      ]),
    );
    return [...byPrincipal(findings)].flatMap(([row, own]) => {
      const principal = principals.get(row);
      const account = principal && accounts.get(principal.accountId);
      const by = principal && ofAccount.get(principal.accountId);
      if (!principal || !account || !by) return [];
      const view = new PolicyView(principal, account, by.policies, by.exemptions);
      const { name } = view.policy;
      const named = inForce.policies.find((policy) => policy.name === name)?.scope.names ?? [];
      const namedByPolicy = named.includes(describedBy(principal).name);
      return candidatesOf(principal, own, observing.has(name)).map((candidate) => ({
        ...{ candidate, account, view, namedByPolicy },
      }));
    });
  }

  private consider(
    { candidate: first, account, view, namedByPolicy }: Viewed,
    others: ReadonlyMap<string, readonly OtherItem[]>,
    { goal, automatic }: Preparation,
  ): {
    considered: Omit<Considered, 'trustedElsewhere' | 'ownRoleArns' | 'rules'>;
    item: Omit<PreparedItem, 'position' | 'references_found' | 'refusal'>;
  } {
    const own = (others.get(describedBy(first.principal).uniqueId) ?? []).filter(
      ({ account_id }) => account_id === account.state.id,
    );
    const { candidate, other, continues } = inTheWay(first, own, goal);
    const idleDays = idleDaysOf(candidate, view.policy.settings);
    const idle =
      view.at === null
        ? ({ state: 'unknown', reason: 'Its account has not been read yet.' } as const)
        : idlenessOf(candidate, idleDays, view.at);
    return {
      considered: {
        ...{ candidate, account: account.state, verdicts: view.verdictsOf(candidate), idleDays, idle },
        ...{ exempt: view.exemptionOf(candidate), other, continues, namedByPolicy, goal, automatic },
      },
      item: { ...itemOf(candidate, account, idleDays), continues_item_id: continues?.id ?? null },
    };
  }
}

function itemOf(candidate: Candidate, { state }: AccountToPlan, idleDays: number) {
  const { uniqueId, name, path, arn } = describedBy(candidate.principal);
  return {
    id: newId(),
    account_id: state.id,
    aws_account_id: state.awsAccountId,
    partition: state.partition,
    identity_id: candidate.identityId,
    course: candidate.course,
    principal_id: uniqueId,
    ...{ name, path, arn },
    access_key_id: candidate.key?.key.accessKeyId ?? null,
    finding_ids: candidate.findings.map(({ id }) => id).sort(),
    check_ids: [...new Set(candidate.findings.map(({ check_id }) => check_id))].sort(),
    approved: approvedFacts(candidate, idleDays),
  };
}

function byPrincipal(findings: readonly SelectedFinding[]): Map<PrincipalToPlan['stored']['id'], SelectedFinding[]> {
  const grouped = new Map<string, SelectedFinding[]>();
  for (const finding of findings) {
    const same = grouped.get(finding.principal_row);
    if (same) same.push(finding);
    else grouped.set(finding.principal_row, [finding]);
  }
  return grouped;
}

type Ordered = Pick<ManifestItem, 'aws_account_id' | 'course' | 'path' | 'name' | 'access_key_id' | 'identity_id'>;

const keysOf = (item: Ordered): string[] => [
  item.aws_account_id,
  String(COURSES.indexOf(item.course)),
  item.path + item.name,
  item.access_key_id ?? '',
  item.identity_id,
];

/** By code points, so that it is the same everywhere. */
function inOrder(one: Ordered, other: Ordered): number {
  const [a, b] = [keysOf(one), keysOf(other)];
  for (const [index, key] of a.entries()) {
    const against = b[index] ?? '';
    if (key !== against) return key < against ? -1 : 1;
  }
  return 0;
}
