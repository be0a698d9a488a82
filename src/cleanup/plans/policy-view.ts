import type { Verdict } from '../../findings/check';
import type { ExemptionSet } from '../../findings/exemptions/exemption-set';
import { judgeAccount } from '../../findings/judge';
import { toJudge } from '../../findings/judged';
import type { AccountPolicies, JudgingPolicy } from '../../findings/policies/policy-set';
import type { CheckId } from '../../findings/policy';
import { type PrincipalToJudge, type Subject, subjectsOf } from '../../findings/subject';
import type { IdentityKind } from '../../scans/inventory';
import type { Candidate, PrincipalToPlan } from './courses';
import type { AccountToPlan } from './plan-reader';

/** Being exempt from these means: leave it. An exemption from the age of a key says nothing about an unused user. */
const LEAVES_ALONE: Readonly<Record<IdentityKind, readonly CheckId[]>> = {
  user: ['unused-user'],
  role: ['unused-role'],
  password: ['unused-password'],
  'access-key': ['unused-access-key', 'inactive-access-key'],
};

/** What the policy and the exemptions in force say of one user or role, as it was last read. Calls nobody. */
export class PolicyView {
  readonly policy: JudgingPolicy;
  /** When it was last read; its idle time is measured to then. Null: never. */
  readonly at: Date | null;
  private readonly toJudge: PrincipalToJudge;
  private readonly verdicts = new Map<string, Verdict>();

  constructor(
    principal: PrincipalToPlan,
    account: AccountToPlan,
    policies: AccountPolicies,
    private readonly exemptions: ExemptionSet,
  ) {
    this.at = principal.kind === 'user' ? account.usersReadAt : account.rolesReadAt;
    this.toJudge =
      principal.kind === 'user'
        ? toJudge(principal.stored, this.at ?? new Date(0))
        : { kind: 'role', ref: principal.stored.id, role: principal.stored.role };
    this.policy = policies.of(this.toJudge);
    if (this.at === null) return;
    for (const { ref, checkId, verdict } of judgeAccount([this.toJudge], this.policy, this.at, exemptions)) {
      this.verdicts.set(`${ref} ${checkId}`, verdict);
    }
  }

  verdictsOf({ findings }: Candidate): { readonly checkId: CheckId; readonly verdict: Verdict | undefined }[] {
    return findings.map(({ identity_id, check_id }) => ({
      checkId: check_id,
      verdict: this.verdicts.get(`${identity_id} ${check_id}`),
    }));
  }

  /** Why something that would go with the candidate is exempt: a user's keys and password go with it. Null: nothing is. */
  exemptionOf({ course, identityId, findings }: Candidate): string | null {
    const whole = course === 'user' || course === 'role';
    const flagged = findings.map(({ check_id }) => check_id);
    for (const subject of this.subjects()) {
      if (!whole && subject.ref !== identityId) continue;
      const checks = new Set([...(subject.ref === identityId ? flagged : []), ...LEAVES_ALONE[subject.kind]]);
      for (const check of checks) {
        const match = this.exemptions.match(subject, check);
        if (match) return match.reason;
      }
    }
    return null;
  }

  private subjects(): Subject[] {
    return subjectsOf(this.toJudge);
  }
}
