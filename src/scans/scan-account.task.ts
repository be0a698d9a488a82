import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { AccountAccess } from '../aws/account-access';
import type { CallSummary } from '../aws/calls';
import { DomainError } from '../errors';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RunningTask } from '../tasks/running-task';
import { TenantDatabase } from '../tenancy/tenant-database';
import { AccountDoor } from './account-door';
import { type AccountReading, collectAccount } from './collectors/account.collector';
import { withKnownCredentials } from './collectors/users';
import type { InventoryUser } from './inventory';
import { InventoryReader } from './inventory-reader';
import { type IncomingRow, rowOfRole, rowsOfUser } from './inventory-rows';
import { type AccountAt, InventoryWriter, type Seen } from './inventory-writer';
import { scanAccount } from './scan-account.definition';
import { type ScannedAccount, ScanRecords } from './scan-records.service';

type Payload = z.infer<typeof scanAccount.payload>;

const ATTEMPTS = 3;

/** AWS makes a new credential report when the last one is older than this. */
const REPORT_LASTS_MS = 4 * 3_600_000;

/** Reads one account and writes what it saw. What cannot be read makes the scan partial or failed, never the sweep. */
@Injectable()
@Handles(scanAccount, { attempts: ATTEMPTS })
export class ScanAccountTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly door: AccountDoor,
    private readonly reader: InventoryReader,
    private readonly writer: InventoryWriter,
    private readonly records: ScanRecords,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { scanId } = task.payload;
    const account = await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      return this.records.begin(manager, task.tenantId, scanId);
    });
    // Handed to another tenant meanwhile: there the scan is begun again.
    if (!account || account.scan_state === 'finished') return;
    const access = await this.door.openTarget(task, account);
    try {
      const at = account.begun_at;
      const seen = new SeenRows();
      const reading = closedReading(account) ?? (await this.collect(task, account, access, seen, at));
      if (reading.outcome === 'failed' && reading.notRead[0]?.retryable && task.attempt < ATTEMPTS) {
        throw new DomainError(reading.notRead[0].code, reading.notRead[0].reason, { retryable: true });
      }
      const calls = access.calls.summary();
      await this.finish(task, { tenantId: task.tenantId, accountId: account.account_id, at }, reading, seen, calls);
    } finally {
      access.close();
    }
  }

  private async collect(
    task: RunningTask<Payload>,
    account: ScannedAccount,
    access: AccountAccess,
    seen: SeenRows,
    at: Date,
  ): Promise<AccountReading> {
    const write = async (rows: IncomingRow[]): Promise<void> => {
      seen.add(rows);
      seen.written += await this.database.inTenant(task.tenantId, async (manager) => {
        await task.guard(manager);
        return this.writer.write(manager, { tenantId: task.tenantId, accountId: account.account_id, at }, rows);
      });
    };
    return collectAccount(access, {
      at,
      signal: task.signal,
      onRoles: (roles) => write(roles.map(rowOfRole)),
      onUsers: async (users, reportedAt) => {
        const since = reportedAt ?? new Date(at.getTime() - REPORT_LASTS_MS);
        const known = await this.lookedAtSince(task, account, since);
        await write(
          users.flatMap((user) => {
            const later = known.get(user.uniqueId);
            return rowsOfUser(later ? withKnownCredentials(user, later) : user);
          }),
        );
      },
    });
  }

  /** By unique id: users of whom more is known than a report of `since` can say. */
  private async lookedAtSince(
    { tenantId }: RunningTask<Payload>,
    { account_id: accountId }: ScannedAccount,
    since: Date,
  ): Promise<Map<string, InventoryUser>> {
    const found = await this.database.inTenant(tenantId, (manager) =>
      this.reader.usersLookedAt(manager, { tenantId, accountId }, since),
    );
    return new Map(found.map(({ user }) => [user.uniqueId, user]));
  }

  private async finish(
    task: RunningTask<Payload>,
    account: AccountAt,
    reading: AccountReading,
    seen: SeenRows,
    calls: CallSummary,
  ): Promise<void> {
    await this.database.inTenant(account.tenantId, async (manager) => {
      await task.guard(manager);
      const gone = await this.writer.markGone(manager, account, seen.all(reading.outcome === 'complete'));
      await this.records.finish(manager, account.tenantId, task.payload.scanId, {
        outcome: reading.outcome,
        at: account.at,
        detailsRead: reading.detailsRead,
        notRead: reading.notRead,
        rowsWritten: seen.written + gone,
        identities: seen.count,
        calls,
      });
    });
  }
}

/** What the scan met, by natural key. */
class SeenRows {
  written = 0;
  private readonly naturalKeys: string[] = [];
  private readonly credentialsUnknownOf: string[] = [];

  get count(): number {
    return this.naturalKeys.length;
  }

  add(rows: readonly IncomingRow[]): void {
    for (const row of rows) {
      this.naturalKeys.push(row.natural_key);
      if (row.credentials_unknown !== null) this.credentialsUnknownOf.push(row.unique_id);
    }
  }

  all(complete: boolean): Seen {
    const { naturalKeys, credentialsUnknownOf } = this;
    return { complete, naturalKeys, credentialsUnknownOf };
  }
}

/** An account that was closed, suspended or lost between the request and now is not called at all. */
function closedReading(account: ScannedAccount): AccountReading | null {
  if (account.status === 'owned' && (account.aws_state ?? 'ACTIVE') === 'ACTIVE') return null;
  const state = account.status === 'owned' ? account.aws_state : account.status;
  return {
    outcome: 'failed',
    detailsRead: false,
    reportGeneratedAt: null,
    notRead: [
      {
        what: 'the account',
        code: 'ACCOUNT_NOT_ACTIVE',
        reason: `The account is ${state}, so it was not read.`,
        remedy: 'Reopen the account, or leave it out.',
        retryable: false,
      },
    ],
  };
}
