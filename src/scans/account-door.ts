import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type AccountRow, SCANNABLE } from '../accounts/account';
import { ExternalIds, type WithExternalId } from '../accounts/external-ids.service';
import type { AccountAccess } from '../aws/account-access';
import { AwsService } from '../aws/aws.service';
import type { CallSummary } from '../aws/calls';
import { Clock } from '../clock';
import type { RunningTask } from '../tasks/running-task';
import { TenantDatabase } from '../tenancy/tenant-database';
import { ScanRecords } from './scan-records.service';
import sql from 'sql-template-tag';
import { run } from '../paging';

type Target = WithExternalId & Pick<AccountRow, 'partition' | 'aws_account_id' | 'role_arn' | 'last_scan_id'>;

export interface OpenedAccount {
  readonly access: AccountAccess;
  /** The last scan: what is asked later is counted with it. */
  readonly scanId: string | null;
  readonly at: Date;
}

/** Opens an account's scan role for one task, with the lease of the task's lane on every request. */
@Injectable()
export class AccountDoor {
  constructor(
    private readonly database: TenantDatabase,
    private readonly aws: AwsService,
    private readonly records: ScanRecords,
    private readonly externalIds: ExternalIds,
    private readonly clock: Clock,
  ) {}

  /** Null where the account is no longer this tenant's, or not to be called: closed, suspended, left. */
  async open(task: RunningTask, accountId: string): Promise<OpenedAccount | null> {
    const [account] = await this.database.inTenant(task.tenantId, (manager) =>
      run<Target>(
        manager,
        sql`SELECT a.tenant_id, a.id, a.partition, a.aws_account_id, a.role_arn, a.external_id, a.external_id_sealed,
              a.last_scan_id
            FROM accounts a
            WHERE a.tenant_id = ${task.tenantId} AND a.id = ${accountId} AND ${SCANNABLE}`,
      ),
    );
    if (!account) return null;
    return { access: await this.openTarget(task, account), scanId: account.last_scan_id, at: this.clock.now() };
  }

  /** The same for one that the caller has read and may call. */
  async openTarget(task: RunningTask, account: Omit<Target, 'last_scan_id'>): Promise<AccountAccess> {
    return this.aws.openAccount({
      partition: account.partition,
      accountId: account.aws_account_id,
      roleArn: account.role_arn,
      externalId: await this.externalIds.of(account),
      sessionName: `mothball-${task.id}`,
      signal: task.signal,
      // A lane that was lost lets nothing out: null would mean that there is none.
      leaseDeadline: () => (task.lane === null ? null : (task.lane.deadline() ?? Number.NEGATIVE_INFINITY)),
    });
  }

  async addCalls(manager: EntityManager, tenantId: string, scanId: string | null, calls: CallSummary): Promise<void> {
    if (scanId !== null) await this.records.addCalls(manager, tenantId, scanId, calls);
  }
}
