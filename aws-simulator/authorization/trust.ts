import { parseIamArn } from '../arns';
import { malformedPolicy } from '../protocol/aws-error';
import type { SimAccount, SimRole } from '../world/model';
import type { World } from '../world/world';
import { applies } from './evaluate';
import type { Request } from './evaluate';
import { parsePolicy } from './policy-document';
import type { PrincipalBlock } from './policy-document';
import type { Principal } from './principal';
import { uniqueIdOf } from './principal';

/**
 * What a trust policy grants: `direct` names the principal itself; `account` names its account, so that the
 * principal's own policies decide.
 */
export type TrustEffect = 'direct' | 'account' | 'deny' | 'none';

/**
 * When a trust policy is saved, AWS replaces users and roles by their unique ids, so that one created again under the
 * same name is not trusted. Roles that the world generates or deploys keep their trust by name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export class TrustBindings {
  private readonly boundIds = new Map<string, Map<string, string>>();

  constructor(private readonly world: World) {}

  /** Throws `MalformedPolicyDocument` when a principal does not exist. */
  bind(account: SimAccount, role: Pick<SimRole, 'uniqueId' | 'trustPolicy'>): void {
    const ids = new Map<string, string>();
    for (const name of awsPrincipals(role.trustPolicy)) {
      if (name === '*' || /^\d{12}$/.test(name)) continue;
      if (!name.startsWith(`arn:${account.partition}:`)) throw invalidPrincipal(name);
      if (/:root$/.test(name) || name.includes(':assumed-role/')) continue;
      const uniqueId = this.uniqueIdAt(name);
      if (uniqueId === undefined) throw invalidPrincipal(name);
      ids.set(name, uniqueId);
    }
    this.boundIds.set(role.uniqueId, ids);
  }

  /** As `bind`, for a role that was put there by hand: principals that do not exist (yet) are trusted by name. */
  bindExisting(role: Pick<SimRole, 'uniqueId' | 'trustPolicy'>): void {
    const ids = this.boundIds.get(role.uniqueId) ?? new Map<string, string>();
    for (const name of awsPrincipals(role.trustPolicy)) {
      const uniqueId = this.uniqueIdAt(name);
      if (uniqueId !== undefined && !ids.has(name)) ids.set(name, uniqueId);
    }
    if (ids.size > 0) this.boundIds.set(role.uniqueId, ids);
  }

  /** Just before a user or role goes: roles of its account that trust it by name keep its unique id from now on. */
  beforeDeletion(account: SimAccount, arn: string): void {
    for (const role of account.roles.values()) {
      if (role.trustPolicy.includes(arn)) this.bindExisting(role);
    }
  }

  /** The trust policy as `GetRole` shows it: principals that are gone appear as their unique ids. */
  shown(_account: SimAccount, role: SimRole): string {
    const ids = this.boundIds.get(role.uniqueId);
    if (!ids) return role.trustPolicy;
    let document = role.trustPolicy;
    for (const [arn, uniqueId] of ids) {
      if (this.uniqueIdAt(arn) !== uniqueId)
        document = document.replaceAll(JSON.stringify(arn), JSON.stringify(uniqueId));
    }
    return document;
  }

  evaluate(role: SimRole, principal: Principal, request: Request): TrustEffect {
    let effect: TrustEffect = 'none';
    for (const statement of parsePolicy(role.trustPolicy)) {
      const found = statement.notPrincipals
        ? this.match(role, statement.notPrincipals, principal) === 'none'
          ? 'account'
          : 'none'
        : this.match(role, statement.principals ?? {}, principal);
      if (found === 'none' || !applies(statement, request)) continue;
      if (statement.effect === 'Deny') return 'deny';
      if (effect !== 'direct') effect = found;
    }
    return effect;
  }

  private match(role: SimRole, block: PrincipalBlock, principal: Principal): 'direct' | 'account' | 'none' {
    const accountId = principal.account.summary.accountId;
    const accountArn = `arn:${principal.account.partition}:iam::${accountId}:root`;
    const names = block.AWS ?? [];
    const direct = names.some(
      (name) =>
        name === '*' ||
        (principal.kind === 'role' && name === principal.arn) ||
        name === uniqueIdOf(principal) ||
        (name === principal.identityArn && this.stillBound(role, name, principal)),
    );
    if (direct) return 'direct';
    return names.some((name) => name === accountId || name === accountArn) ? 'account' : 'none';
  }

  private stillBound(role: SimRole, arn: string, principal: Principal): boolean {
    const bound = this.boundIds.get(role.uniqueId)?.get(arn);
    return bound === undefined || bound === uniqueIdOf(principal);
  }

  private uniqueIdAt(arn: string): string | undefined {
    const parsed = parseIamArn(arn);
    const account = parsed && this.world.account(parsed.accountId);
    if (!account) return undefined;
    const found = (parsed.type === 'user' ? account.users : account.roles).get(parsed.name.toLowerCase());
    return found?.path === parsed.path ? found.uniqueId : undefined;
  }
}

const awsPrincipals = (document: string): string[] =>
  parsePolicy(document).flatMap(({ principals, notPrincipals }) => [
    ...(principals?.AWS ?? []),
    ...(notPrincipals?.AWS ?? []),
  ]);

const invalidPrincipal = (name: string): Error => malformedPolicy(`Invalid principal in policy: "AWS":"${name}"`);
