import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { notFound } from '../../errors';
import { countOf, fetchPage, ofTenant, run, type Listing, type Page, type PageArgs, type Reader } from '../../paging';
import { TenantSettings } from '../../tenancy/tenant-settings.service';
import { accountFacts, type AccountFactsRow } from '../account-facts';
import { clamp, type Clamped } from './baseline/baseline';
import type { Baseline } from './baseline/baseline-document';
import { BaselineService } from './baseline/baseline.service';
import { allowedAction, builtIn, isAgreed, isDecided, needsAgreement, reachOf } from './policies-in-force';
import type { PolicyAction } from './documents/policy-document';
import { isStanding } from './policies.service';
import { takesPrincipal } from './policy-scope';
import type { PolicyInForce } from './policy-set';
import { PolicyStore, setHash } from './policy-store.service';
import type { StoredPolicy, VersionRow } from './stored-policy';

export type Agreement = 'not-needed' | 'waiting' | 'agreed' | 'lapsed' | 'refused';

/** A policy with what comes of it in its tenant. */
export interface ShownPolicy {
  readonly policy: StoredPolicy;
  /** What the baseline leaves of the version in force; null: none is. */
  readonly effective: Clamped | null;
  /** What may be done by now: agreement, leave and baseline considered. */
  readonly allowed: PolicyAction | null;
  readonly agreement: Agreement;
}

export interface ShownSet {
  /** Names these policies in this order: what a change is made on top of. */
  readonly hash: string;
  readonly policies: readonly ShownPolicy[];
  /** Refused before anything of them was in force. */
  readonly refused: readonly ShownPolicy[];
  /** What judges those that no policy takes in. */
  readonly builtIn: Clamped;
}

/** A version, in a list. */
export type ListedVersion = VersionRow & { tenant_id: string; name: string };

/** Reading policies, as people look at them. */
@Injectable()
export class PolicyQueries {
  constructor(
    private readonly store: PolicyStore,
    private readonly baselines: BaselineService,
    private readonly settings: TenantSettings,
  ) {}

  async all({ manager }: Reader, tenantId: string): Promise<ShownSet> {
    const { baseline } = await this.baselines.current(manager);
    const all = await this.store.all(manager, tenantId);
    const standing = all.filter(isStanding);
    const { automaticDeletionLeave } = await this.settings.current(manager, tenantId);
    const shown = (policy: StoredPolicy): ShownPolicy =>
      show(policy, reachOf(standing, policy.name, baseline), baseline, automaticDeletionLeave);
    return {
      hash: setHash(standing),
      policies: standing.map(shown),
      refused: all.filter(isRefused).map(shown),
      builtIn: builtIn(baseline),
    };
  }

  /** Whose it is, retired or not. Throws NOT_FOUND. */
  async find(reader: Reader, policyId: string): Promise<{ tenantId: string; name: string }> {
    const [row] = await run<{ tenant_id: string; name: string }>(
      reader.manager,
      sql`SELECT p.tenant_id, p.name FROM policies p WHERE ${ofTenant(reader, 'p.tenant_id')} AND p.id = ${policyId}`,
    );
    if (!row) throw notFound('The policy');
    return { tenantId: row.tenant_id, name: row.name };
  }

  /** The newest first. */
  async versions(reader: Reader, of: VersionsOf, args: PageArgs): Promise<Page<ListedVersion>> {
    return fetchPage(reader.manager, listing(reader, of), args);
  }

  async countVersions(reader: Reader, of: VersionsOf): Promise<number> {
    return countOf(reader.manager, listing(reader, of));
  }

  /** Which policies decide in an account, in order, the last one about whatever is left. Throws NOT_FOUND. */
  async decidingIn(reader: Reader, accountId: string): Promise<PolicyInForce[]> {
    const [row] = await run<AccountFactsRow & { tenant_id: string }>(
      reader.manager,
      sql`SELECT a.tenant_id, a.id, a.aws_account_id, a.partition, a.name, a.ou_path, a.tags FROM accounts a
          WHERE ${ofTenant(reader, 'a.tenant_id')} AND a.id = ${accountId}`,
    );
    if (!row) throw notFound('The account');
    return (await this.store.inForce(reader.manager, row.tenant_id)).applyingTo(accountFacts(row));
  }

  /** Which policy decides about an identity; a password or key goes with its user. Throws NOT_FOUND. */
  async decidingAbout(reader: Reader, identityId: string): Promise<PolicyInForce> {
    const [row] = await run<{ account_id: string; name: string; path: string; tags: Record<string, string> }>(
      reader.manager,
      sql`SELECT p.account_id, p.name, p.path, (SELECT coalesce(jsonb_object_agg(t.key, t.value), '{}') FROM identity_tags t
            WHERE t.tenant_id = p.tenant_id AND t.identity_id = p.id) AS tags
          FROM identities i JOIN identities p ON p.tenant_id = i.tenant_id AND p.id = coalesce(i.owner_id, i.id)
          WHERE ${ofTenant(reader, 'i.tenant_id')} AND i.id = ${identityId}`,
    );
    if (!row) throw notFound('The identity');
    const deciding = await this.decidingIn(reader, row.account_id);
    const found = deciding.find(({ scope }) => takesPrincipal(scope, row)) ?? deciding.at(-1);
    if (!found) throw notFound('The policy');
    return found;
  }
}

function show(policy: StoredPolicy, reach: string, baseline: Baseline, deletionLeave: boolean): ShownPolicy {
  const { current, decision } = policy;
  const agreed = current !== null && isAgreed(current, decision, reach);
  return {
    policy,
    effective: current && clamp(baseline, current),
    allowed: current && allowedAction(current, { baseline, agreed, deletionLeave }),
    agreement: agreementOf(policy, reach, agreed),
  };
}

/** Refused before anything of it was in force, and so retired. */
const isRefused = ({ current, retiredAt }: StoredPolicy): boolean => current === null && retiredAt !== null;

function agreementOf(policy: StoredPolicy, reach: string, agreed: boolean): Agreement {
  const { current, proposal, decision } = policy;
  if (isRefused(policy)) return 'refused';
  if (proposal && proposal.version.version !== current?.version) return 'waiting';
  if (!current || !needsAgreement(current.action)) return 'not-needed';
  if (agreed) return 'agreed';
  return isDecided(current, decision, reach) ? 'refused' : 'lapsed';
}

export interface VersionsOf {
  readonly tenantId: string;
  readonly name: string;
  readonly version?: number | null | undefined;
}

const listing = (reader: Reader, { tenantId, name, version }: VersionsOf): Listing => ({
  select: sql`v.tenant_id, v.name, v.version, v.source, v.scope, v.settings, v.action, v.schedule, v.hash, v.saved_by, v.note, v.created_at`,
  from: sql`policy_versions v`,
  where: [
    ofTenant(reader, 'v.tenant_id'),
    sql`v.tenant_id = ${tenantId}`,
    sql`v.name = ${name}`,
    ...(version == null ? [] : [sql`v.version = ${version}`]),
  ],
  sort: [{ by: sql`v.version`, type: 'integer', descending: true }],
});
