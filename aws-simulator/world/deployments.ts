import { makeId } from './ids';
import type { Instant, SimAccount, SimOrganization, SimRole } from './model';
import type { WorldSettings } from './options';
import { Random } from './random';
import { WorldError } from './world-error';

/** A role that a StackSet puts into accounts. */
export interface RoleDeployment {
  roleName: string;
  /** Default `/`. */
  path?: string;
  trustedPrincipalArn: string;
  /** The external id is `<prefix>-<account id>`, as one StackSet over many accounts can make it. */
  externalIdPrefix?: string;
  /** One external id for all; neither this nor the prefix: the role asks for none. */
  externalId?: string;
  /** An inline policy's JSON document. */
  policyDocument?: string;
  managedPolicyArns?: readonly string[];
  /** Instead of the trust policy that the fields above make. */
  trustPolicy?: string;
  /** `all`: the organization's accounts but those whose role is missing; ids reach these too, and standalone ones. */
  accounts: 'all' | readonly string[];
  /** A StackSet skips the management account. */
  exceptManagement?: boolean;
  maxSessionDuration?: number;
  tags?: Readonly<Record<string, string>>;
}

export interface DeployedRole extends RoleDeployment {
  index: number;
  deployedAt: Instant;
}

function trustOf(deployment: RoleDeployment, accountId: string): string {
  if (deployment.trustPolicy !== undefined) return deployment.trustPolicy;
  const { externalIdPrefix, externalId } = deployment;
  const expected = externalIdPrefix === undefined ? externalId : `${externalIdPrefix}-${accountId}`;
  const Principal = { AWS: deployment.trustedPrincipalArn };
  const assume = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      expected === undefined ? assume : { ...assume, Condition: { StringEquals: { 'sts:ExternalId': expected } } },
      // The external id is a parameter of AssumeRole only: a condition on it here would never hold.
      { Effect: 'Allow', Principal, Action: ['sts:SetSourceIdentity', 'sts:TagSession'] },
    ],
  });
}

/** The roles that were rolled out, and which accounts they reach. */
export class Deployments {
  readonly list: DeployedRole[] = [];

  constructor(
    private readonly settings: WorldSettings,
    private readonly organization: SimOrganization,
    private readonly missingRoleAccountIds: ReadonlySet<string>,
  ) {}

  deploy(deployment: RoleDeployment, at: Instant, generated: Iterable<SimAccount>): DeployedRole {
    const deployed: DeployedRole = { ...deployment, index: this.list.length, deployedAt: at };
    if (deployed.accounts !== 'all' && deployed.accounts.length === 0) {
      throw new WorldError('InvalidInput', 'A deployment to no account: name accounts, or say "all".');
    }
    this.list.push(deployed);
    for (const account of generated) if (this.reaches(deployed, account.summary.accountId)) this.put(deployed, account);
    return deployed;
  }

  /** How many roles of their own name an account gets at its first touch. */
  countFor(accountId: string): number {
    const reaching = this.list.filter((deployed) => this.reaches(deployed, accountId));
    return new Set(reaching.map((deployed) => deployed.roleName.toLowerCase())).size;
  }

  applyTo(account: SimAccount): void {
    for (const deployed of this.list)
      if (this.reaches(deployed, account.summary.accountId)) this.put(deployed, account);
  }

  private reaches(deployed: DeployedRole, accountId: string): boolean {
    if (deployed.exceptManagement === true && accountId === this.organization.managementAccountId) return false;
    if (deployed.accounts !== 'all') return deployed.accounts.includes(accountId);
    return this.organization.accounts.has(accountId) && !this.missingRoleAccountIds.has(accountId);
  }

  /** A role of that name is updated in place, as CloudFormation would, and keeps its unique id. */
  private put(deployed: DeployedRole, account: SimAccount): void {
    const { accountId } = account.summary;
    const known = account.roles.get(deployed.roleName.toLowerCase());
    const random = new Random(`${this.settings.seed}:${accountId}:deployed:${deployed.index}`);
    const role: SimRole = {
      name: deployed.roleName,
      path: deployed.path ?? '/',
      uniqueId: known?.uniqueId ?? makeId(random, 'AROA', accountId),
      createdAt: known?.createdAt ?? deployed.deployedAt,
      tags: new Map(Object.entries(deployed.tags ?? {})),
      boundaryArn: known?.boundaryArn ?? null,
      attachedPolicyArns: [...(deployed.managedPolicyArns ?? [])],
      inlinePolicies: new Map(deployed.policyDocument === undefined ? [] : [['deployed', deployed.policyDocument]]),
      serviceAttempts: known?.serviceAttempts ?? new Map<string, Instant>(),
      description: 'Deployed by a StackSet',
      maxSessionDuration: deployed.maxSessionDuration ?? 3_600,
      trustPolicy: trustOf(deployed, accountId),
      lastUse: known?.lastUse ?? null,
      instanceProfiles: [],
    };
    account.roles.set(role.name.toLowerCase(), role);
  }
}
