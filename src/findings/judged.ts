import { DAY_MS } from '../clock';
import type { StoredRole, StoredUser } from '../scans/stored-inventory';
import type { AccountFacts } from './account-facts';
import { findCheck } from './checks/index';
import { type Exempting, judgeAccount, type Judgement, severityOf } from './judge';
import { lookupsNeeded } from './lookups';
import type { OwnerRules } from './owners/owner-rules';
import type { AccountPolicies, JudgingPolicy } from './policies/policy-set';
import type { CheckId } from './policy';
import type { PrincipalToJudge, RoleToJudge, UserToJudge } from './subject';
import type { UnknownVerdict, VerdictRow } from './verdicts';

/** Users whose keys need their ids, or whose other credentials must be read, before the findings are complete. */
export interface Lookups {
  readonly keyIds: readonly string[];
  readonly otherCredentials: readonly string[];
}

/** What was asked for single users is believed for a week; what gave no answer is asked again after most of a day. */
const OTHER_CREDENTIALS_LAST_MS = 7 * DAY_MS;
const ASK_AGAIN_MS = 20 * 3_600_000;

export interface JudgedBy {
  readonly account: AccountFacts;
  readonly policies: AccountPolicies;
  readonly exemptions: Exempting;
  readonly owners: OwnerRules;
}

/** Gathers an account's judgements page by page; what is compliant leaves no trace. */
export class Judged {
  readonly verdicts: VerdictRow[] = [];
  readonly unknown: UnknownVerdict[] = [];
  private readonly keyIds = new Set<string>();
  private readonly otherCredentials = new Set<string>();

  constructor(private readonly by: JudgedBy) {}

  get lookups(): Lookups {
    return { keyIds: [...this.keyIds], otherCredentials: [...this.otherCredentials] };
  }

  readonly isOff = (principalId: string, check: CheckId): boolean => this.by.policies.isOff(principalId, check);

  users(page: readonly StoredUser[], at: Date): void {
    const judgements = this.judge(
      page.map((stored) => toJudge(stored, at)),
      at,
    );
    const byId = new Map(page.map((stored) => [stored.id, stored]));
    const needed = lookupsNeeded(judgements);
    for (const { ref } of needed.keyIds) {
      const askedAt =
        byId.get(ref)?.keys.map(({ key, keyIdAskedAt }) => (key.accessKeyId === null ? keyIdAskedAt : at)) ?? [];
      if (askedAt.some((asked) => isOver(asked, ASK_AGAIN_MS, at))) this.keyIds.add(ref);
    }
    for (const { ref } of needed.otherCredentials) {
      if (isOver(byId.get(ref)?.otherCredentialsAskedAt ?? null, ASK_AGAIN_MS, at)) this.otherCredentials.add(ref);
    }
  }

  roles(page: readonly StoredRole[], at: Date): void {
    this.judge(
      page.map(({ id, role }): RoleToJudge => ({ kind: 'role', ref: id, role })),
      at,
    );
  }

  /** All that one policy decides about together. */
  private judge(principals: readonly PrincipalToJudge[], at: Date): Judgement[] {
    const decided = new Map<JudgingPolicy, PrincipalToJudge[]>();
    for (const principal of principals) {
      const policy = this.by.policies.of(principal);
      const together = decided.get(policy);
      if (together) together.push(principal);
      else decided.set(policy, [principal]);
    }
    return [...decided].flatMap(([policy, together]) => {
      const judgements = [...judgeAccount(together, policy, at, this.by.exemptions)];
      for (const judgement of judgements) this.take(judgement, policy);
      return judgements;
    });
  }

  private take({ checkId, ref, subject, verdict }: Judgement, policy: JudgingPolicy): void {
    if (verdict.state === 'compliant') return;
    if (verdict.state === 'unknown') {
      this.unknown.push({ identity_id: ref, check_id: checkId, reason: verdict.reason });
      return;
    }
    const exempt = verdict.state === 'exempt' ? verdict : null;
    this.verdicts.push({
      identity_id: ref,
      check_id: checkId,
      status: exempt ? 'exempt' : 'open',
      severity: severityOf(findCheck(checkId), policy.settings),
      why: verdict.why,
      exempt_reason: exempt?.reason ?? null,
      exemption_id: exempt?.exemptionId ?? null,
      idle_since: verdict.idleSince,
      idle_at_least: verdict.idleAtLeast,
      policy_name: policy.name,
      policy_version: policy.version,
      owner: this.by.owners.ownerOf(subject, this.by.account),
    });
  }
}

const isOver = (asked: Date | null, lastsMs: number, at: Date): boolean =>
  asked === null || at.getTime() - asked.getTime() >= lastsMs;

/** A stored user as checks judge it: what was asked for too long ago is unknown again. */
export function toJudge(stored: StoredUser, at: Date): UserToJudge {
  const { user, otherCredentialsAskedAt } = stored;
  const outdated =
    user.otherCredentials.state === 'known' && isOver(otherCredentialsAskedAt, OTHER_CREDENTIALS_LAST_MS, at);
  return {
    kind: 'user',
    ref: stored.id,
    passwordRef: stored.passwordId,
    keys: stored.keys.map(({ id, inactiveSince }) => ({ ref: id, inactiveSince })),
    user: outdated
      ? {
          ...user,
          otherCredentials: {
            state: 'unknown',
            reason: 'SSH keys and service-specific credentials were read over a week ago.',
          },
        }
      : user,
  };
}
