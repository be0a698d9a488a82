import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DAY_MS } from '../clock';
import { InventoryReader } from '../scans/inventory-reader';
import type { StoredRole, StoredUser } from '../scans/stored-inventory';
import { checks, findCheck } from './checks/index';
import { judgeAccount, type Judgement, severityOf } from './judge';
import { lookupsNeeded } from './lookups';
import { PoliciesService } from './policies.service';
import { compilePolicy, type Policy } from './sparing';
import type { RoleToJudge, UserToJudge } from './subject';
import { type UnknownVerdict, type VerdictRow, VerdictWriter } from './verdict-writer';

/** Users whose keys need their ids, or whose other credentials must be read, before the findings are complete. */
export interface Lookups {
  readonly keyIds: readonly string[];
  readonly otherCredentials: readonly string[];
}

/** What was asked for single users is believed for a week; what gave no answer is asked again after most of a day. */
const OTHER_CREDENTIALS_LAST_MS = 7 * DAY_MS;
const ASK_AGAIN_MS = 20 * 3_600_000;

interface AccountRow {
  role_arn: string;
  last_scan_outcome: string | null;
  last_scan_at: Date | null;
  users_read_at: Date | null;
  roles_read_at: Date | null;
}

/** Judges one account from the inventory: policy × checks → findings. Calls nobody. */
@Injectable()
export class JudgingService {
  constructor(
    private readonly reader: InventoryReader,
    private readonly policies: PoliciesService,
    private readonly writer: VerdictWriter,
  ) {}

  /**
   * Judges the account in the caller's transaction, by itself: a second judgement of the account waits. Returns whom to
   * ask about before the findings are complete.
   */
  async judge(manager: EntityManager, tenantId: string, accountId: string): Promise<Lookups> {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('judge ' || $1::text, 0))`, [accountId]);
    const [account] = await manager.query<AccountRow[]>(
      'SELECT role_arn, last_scan_outcome, last_scan_at, users_read_at, roles_read_at FROM accounts WHERE tenant_id = $1 AND id = $2',
      [tenantId, accountId],
    );
    const at = account?.users_read_at ?? account?.roles_read_at;
    if (!account || !at) return { keyIds: [], otherCredentials: [] };
    const stored = await this.policies.current(manager, tenantId);
    const judged = new Judged(compilePolicy(stored.settings, [account.role_arn]));
    const of = { tenantId, accountId };
    if (account.users_read_at) {
      for await (const page of this.reader.users(manager, of)) judged.users(page, account.users_read_at);
    }
    if (account.roles_read_at) {
      for await (const page of this.reader.roles(manager, of)) judged.roles(page, account.roles_read_at);
    }
    const enabledChecks = checks.filter(({ id }) => stored.settings.checks[id].enabled).map(({ id }) => id);
    const { name: policyName, version: policyVersion } = stored;
    await this.writer.write(
      manager,
      {
        ...{ tenantId, accountId, at, policyName, policyVersion, enabledChecks },
        gapsAt: account.last_scan_outcome === 'complete' ? null : account.last_scan_at,
      },
      judged.verdicts,
      judged.unknown,
    );
    return judged.lookups;
  }
}

/** Gathers an account's judgements page by page; what is compliant leaves no trace. */
class Judged {
  readonly verdicts: VerdictRow[] = [];
  readonly unknown: UnknownVerdict[] = [];
  private readonly keyIds = new Set<string>();
  private readonly otherCredentials = new Set<string>();

  constructor(private readonly policy: Policy) {}

  get lookups(): Lookups {
    return { keyIds: [...this.keyIds], otherCredentials: [...this.otherCredentials] };
  }

  users(page: readonly StoredUser[], at: Date): void {
    const judgements = [
      ...judgeAccount(
        page.map((stored) => toJudge(stored, at)),
        this.policy,
        at,
      ),
    ];
    judgements.forEach((judgement) => this.take(judgement));
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
    const principals = page.map(({ id, role }): RoleToJudge => ({ kind: 'role', ref: id, role }));
    for (const judgement of judgeAccount(principals, this.policy, at)) this.take(judgement);
  }

  private take({ checkId, ref, verdict }: Judgement): void {
    if (verdict.state === 'compliant') return;
    if (verdict.state === 'unknown') {
      this.unknown.push({ identity_id: ref, check_id: checkId, reason: verdict.reason });
      return;
    }
    this.verdicts.push({
      identity_id: ref,
      check_id: checkId,
      status: verdict.state === 'exempt' ? 'exempt' : 'open',
      severity: severityOf(findCheck(checkId), this.policy.settings),
      why: verdict.why,
      exempt_reason: verdict.state === 'exempt' ? verdict.reason : null,
      idle_since: verdict.idleSince,
      idle_at_least: verdict.idleAtLeast,
    });
  }
}

const isOver = (asked: Date | null, lastsMs: number, at: Date): boolean =>
  asked === null || at.getTime() - asked.getTime() >= lastsMs;

function toJudge(stored: StoredUser, at: Date): UserToJudge {
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
