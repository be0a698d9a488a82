import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { type AccountRow, SCANNABLE } from '../../accounts/account';
import { ExternalIds, type WithExternalId } from '../../accounts/external-ids.service';
import type { AccountAccess } from '../../aws/account-access';
import { AwsService } from '../../aws/aws.service';
import { isDenied } from '../../aws/errors';
import { homeRegion } from '../../aws/partitions';
import { Clock, DAY_MS } from '../../clock';
import { DomainError } from '../../errors';
import { run } from '../../paging';
import { rethrowStops } from '../../scans/collectors/reading';
import { TenantDatabase } from '../../tenancy/tenant-database';
import type { ExecutionJob } from '../execution/execution-job';
import type { PlanItemRow, SignOfLife } from '../items/plan-item';
import type { Observed } from '../observed';
import { lookUpEvents } from '../reading/trail/look-up-events';
import { trailPermissions } from '../reading/trail/trail-permissions';
import { isSignOfLife, lifeOfRecord, trailKeyOf } from './trail-signs';

interface Asked extends WithExternalId, Pick<AccountRow, 'partition' | 'aws_account_id' | 'role_arn'> {
  /** Where it was last used, as the last scan saw. */
  used_in: string | null;
}

const SESSION_SECONDS = 900;
const REMEMBERED = 10_000;

/**
 * Asks CloudTrail for signs of life of what is in quarantine, where the account lets the scan role: verification has seen
 * that. It tells of a use after minutes, hours before IAM does. Its silence proves nothing: it knows one region at a time,
 * management events only, and not all of them.
 */
@Injectable()
export class Trails {
  /** One session for each of a job's; it ends with it. */
  private readonly opened = new WeakMap<AccountAccess, AccountAccess>();
  /** By account: when AWS refused it although verification had found it allowed. */
  private readonly refused = new Map<string, number>();

  constructor(
    private readonly database: TenantDatabase,
    private readonly aws: AwsService,
    private readonly externalIds: ExternalIds,
    private readonly clock: Clock,
  ) {}

  /**
   * A use since the quarantine began; null: there is none, or nobody knows.
   * @throws what has to stop the run: a lost lease, the task's signal
   */
  async lifeOf(job: ExecutionJob, item: PlanItemRow, seen: Observed): Promise<SignOfLife | null> {
    const since = item.quarantined_at ?? item.began_at;
    const by = trailKeyOf(item, seen);
    if (since === null || by === null || this.wasRefused(job.accountId)) return null;
    const account = await this.granted(job, item);
    if (!account) return null;
    try {
      const access = await this.access(job, account);
      for (const region of regionsOf(account)) {
        for await (const record of lookUpEvents(access, { region, ...by, since })) {
          if (isSignOfLife(item, seen, record, since)) return lifeOfRecord(record);
        }
      }
    } catch (error) {
      this.proveNothing(job, error);
    }
    return null;
  }

  /** Null: the account does not let us ask. */
  private async granted({ tenantId, accountId }: ExecutionJob, item: PlanItemRow): Promise<Asked | null> {
    const present = JSON.stringify(trailPermissions.map((action) => ({ action, state: 'present' })));
    const [account] = await this.database.inTenant(tenantId, (manager) =>
      run<Asked>(
        manager,
        sql`SELECT a.tenant_id, a.id, a.partition, a.aws_account_id, a.role_arn, a.external_id, a.external_id_sealed,
              (SELECT i.last_used_region FROM identities i
               WHERE i.tenant_id = a.tenant_id AND i.id = ${item.identity_id}) AS used_in
            FROM accounts a
            JOIN role_checks c ON c.tenant_id = a.tenant_id AND c.account_id = a.id AND c.kind = 'scan'
              AND c.role_arn = a.role_arn AND c.permissions @> ${present}::jsonb
            WHERE a.tenant_id = ${tenantId} AND a.id = ${accountId} AND ${SCANNABLE}`,
      ),
    );
    return account ?? null;
  }

  /** By the scan role, which changes nothing; in the lane that the job holds. */
  private async access({ task, access }: ExecutionJob, account: Asked): Promise<AccountAccess> {
    const known = this.opened.get(access);
    if (known) return known;
    const opened = this.aws.openAccount({
      partition: account.partition,
      accountId: account.aws_account_id,
      roleArn: account.role_arn,
      externalId: await this.externalIds.of(account),
      sessionName: `mothball-${task.id}`,
      sessionPolicy: ONLY_LOOKING,
      durationSeconds: SESSION_SECONDS,
      signal: task.signal,
      leaseDeadline: () => (task.lane === null ? null : (task.lane.deadline() ?? Number.NEGATIVE_INFINITY)),
    });
    this.opened.set(access, opened);
    return opened;
  }

  /** Whatever AWS answers but events: throttled, out of reach, not allowed. */
  private proveNothing(job: ExecutionJob, error: unknown): void {
    rethrowStops(error, job.task.signal);
    if (error instanceof DomainError && !error.code.startsWith('AWS_')) throw error;
    const denied = isDenied(error) || (error instanceof DomainError && error.code === 'AWS_ROLE_NOT_ASSUMABLE');
    if (!denied) return;
    if (this.refused.size >= REMEMBERED) this.refused.clear();
    this.refused.set(job.accountId, this.clock.now().getTime());
  }

  private wasRefused(accountId: string): boolean {
    const at = this.refused.get(accountId);
    return at !== undefined && this.clock.now().getTime() - at < DAY_MS;
  }
}

const ONLY_LOOKING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: trailPermissions, Resource: '*' }],
});

/** IAM's own events, and sign-ins, are in the home region; those of another service where it was called. */
function regionsOf({ partition, used_in: usedIn }: Asked): string[] {
  const home = homeRegion(partition);
  return usedIn !== null && usedIn !== home && /^[a-z]{2}(-[a-z]+)+-\d$/.test(usedIn) ? [home, usedIn] : [home];
}
