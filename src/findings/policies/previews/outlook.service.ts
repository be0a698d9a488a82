import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type AccountFacts, judgedAccounts } from '../../account-facts';
import { AccountJudgements, type ExemptionsFor } from '../../account-judgements.service';
import type { FindingStatus } from '../../finding';
import type { CheckId } from '../../policy';
import { Transitions } from '../../transitions.service';
import { BaselineService } from '../baseline/baseline.service';
import { policySet } from '../policies-in-force';
import { type Apply, isStanding, wantedBy } from '../policies.service';
import { placedBy, planPolicies } from '../policy-plan';
import { changeOf, type PreviewChange } from './policy-preview';
import { affectedBy, type PolicySet } from '../policy-set';
import { PolicyStore } from '../policy-store.service';

export interface OutlookChange {
  readonly identityId: string;
  readonly checkId: CheckId;
  readonly change: PreviewChange;
  readonly before: FindingStatus | null;
  /** Null: of what is resolved. */
  readonly policy: string | null;
  readonly why: string;
}

/** What one account's judgement would change. */
export interface AccountOutlook {
  readonly accountId: string;
  readonly changes: readonly OutlookChange[];
  /** Findings, open or exempt, that stay so. */
  readonly unchanged: number;
  /** Users that only their SSH keys and service-specific credentials can still save: of those AWS is asked afterwards. */
  readonly toAsk: number;
}

/** What judging would change, without writing it: by the very code that judges. */
@Injectable()
export class Outlook {
  constructor(
    private readonly store: PolicyStore,
    private readonly baselines: BaselineService,
    private readonly judgements: AccountJudgements,
    private readonly transitions: Transitions,
  ) {}

  /** What will judge once the documents are saved, and the accounts in which that is something else than now. */
  async changed(
    manager: EntityManager,
    tenantId: string,
    asked: Pick<Apply, 'documents' | 'mode'> & { asAgreed: boolean },
  ): Promise<{ after: PolicySet; accounts: AccountFacts[] }> {
    const all = await this.store.all(manager, tenantId);
    const standing = all.filter(isStanding);
    const { baseline } = await this.baselines.current(manager);
    const plan = planPolicies(all, wantedBy(standing, asked));
    const after = policySet(placedBy(plan, asked.asAgreed), baseline);
    const accounts = affectedBy(policySet(standing, baseline), after, await judgedAccounts(manager, tenantId));
    return { after, accounts };
  }

  /** `exempting`: exemptions other than those in force. */
  async of(
    manager: EntityManager,
    of: { readonly tenantId: string; readonly accountId: string },
    policies: PolicySet,
    exempting?: ExemptionsFor,
  ): Promise<AccountOutlook> {
    const { accountId } = of;
    const judgement = await this.judgements.of(manager, of, policies, exempting);
    if (!judgement) return { accountId, changes: [], unchanged: 0, toAsk: 0 };
    const { judged } = judgement;
    const { standing, resolved } = await this.transitions.of(manager, judged);
    const changes: OutlookChange[] = [];
    for (const { identityId, checkId, before, verdict } of standing) {
      const change = changeOf(before, verdict.status);
      if (change) changes.push({ identityId, checkId, change, before, policy: verdict.policy_name, why: verdict.why });
    }
    const unchanged = judged.verdicts.length - changes.length;
    for (const { identityId, checkId, before, resolution } of resolved) {
      changes.push({ identityId, checkId, change: 'resolved', before, policy: null, why: resolution });
    }
    return { accountId, changes, unchanged, toAsk: judgement.lookups.otherCredentials.length };
  }
}
