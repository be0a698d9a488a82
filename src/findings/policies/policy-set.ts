import type { AccountFacts } from '../account-facts';
import type { CheckId, PolicySettings } from '../policy';
import { compilePolicy, type Policy } from '../sparing';
import type { PrincipalToJudge } from '../subject';
import type { PolicyScope } from './documents/policy-document';
import { principalOf, takesAccount, takesEveryone, takesPrincipal } from './policy-scope';

/** A policy as it judges: its settings are never looser than the platform's baseline. */
export interface PolicyInForce {
  readonly name: string;
  /** 0: the built-in default. */
  readonly version: number;
  readonly scope: PolicyScope;
  readonly settings: PolicySettings;
}

/** A policy ready to judge one account with. */
export interface JudgingPolicy extends Policy {
  readonly name: string;
  readonly version: number;
}

/** A tenant's policies in their order. The first one whose scope takes an identity in decides about it. */
export class PolicySet {
  /** `fallback`: what judges those that no policy takes in. */
  constructor(
    readonly policies: readonly PolicyInForce[],
    readonly fallback: PolicyInForce,
  ) {}

  /** Those that can decide in this account, in order; the last one takes in whatever is left. */
  applyingTo(account: AccountFacts): PolicyInForce[] {
    const applying: PolicyInForce[] = [];
    for (const policy of this.policies) {
      if (!takesAccount(policy.scope, account)) continue;
      applying.push(policy);
      if (takesEveryone(policy.scope)) return applying;
    }
    return [...applying, this.fallback];
  }

  /** Scopes are looked at once for the account: what cannot decide in it costs its identities nothing. */
  compile(account: AccountFacts, ownRoleArns: Iterable<string> = []): AccountPolicies {
    const own = [...ownRoleArns];
    return new AccountPolicies(
      this.applyingTo(account).map(({ name, version, scope, settings }) => ({
        scope,
        judging: { name, version, ...compilePolicy(settings, own) },
      })),
    );
  }
}

/** Which policy decides about an identity of one account. */
export class AccountPolicies {
  private readonly decided = new Map<string, JudgingPolicy>();

  constructor(private readonly inOrder: readonly { readonly scope: PolicyScope; readonly judging: JudgingPolicy }[]) {}

  of(principal: PrincipalToJudge): JudgingPolicy {
    const facts = principalOf(principal);
    const { judging } = this.inOrder.find(({ scope }) => takesPrincipal(scope, facts)) ?? this.last();
    this.decided.set(principal.ref, judging);
    return judging;
  }

  /** Whether the policy that decided about a user or role (its reference) has switched the check off. */
  isOff(principalRef: string, check: CheckId): boolean {
    return this.decided.get(principalRef)?.settings.checks[check].enabled === false;
  }

  private last(): { readonly judging: JudgingPolicy } {
    const last = this.inOrder.at(-1);
    if (!last) throw new Error('An account without any policy.');
    return last;
  }
}

/** Accounts in which other policies, other versions or another order decide than before. */
export const affectedBy = (before: PolicySet, after: PolicySet, accounts: readonly AccountFacts[]): AccountFacts[] =>
  accounts.filter((account) => deciding(before, account) !== deciding(after, account));

const deciding = (set: PolicySet, account: AccountFacts): string =>
  JSON.stringify(set.applyingTo(account).map(({ name, version, settings }) => [name, version, settings]));
