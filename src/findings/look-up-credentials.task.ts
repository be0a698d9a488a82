import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { AccountDoor, type OpenedAccount } from '../scans/account-door';
import { collectAccessKeyIds } from '../scans/collectors/key-ids.collector';
import { collectOtherCredentials } from '../scans/collectors/other-credentials.collector';
import { InventoryReader } from '../scans/inventory-reader';
import type { StoredUser } from '../scans/stored-inventory';
import { LookedUp } from '../scans/looked-up.service';
import { Events } from '../tasks/events.service';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RunningTask } from '../tasks/running-task';
import { TenantDatabase } from '../tenancy/tenant-database';
import { lookUpCredentials } from './look-up-credentials.definition';

type Payload = z.infer<typeof lookUpCredentials.payload>;

/** Asks about flagged users only: the ids of their keys, and the credentials that no report shows. Then the account is judged again. */
@Injectable()
@Handles(lookUpCredentials)
export class LookUpCredentialsTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly door: AccountDoor,
    private readonly reader: InventoryReader,
    private readonly lookedUp: LookedUp,
    private readonly events: Events,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { tenantId, payload } = task;
    const opened = await this.door.open(task, payload.accountId);
    if (!opened) return;
    try {
      await opened.access.connect();
      const [flagged, idle] = await this.database.inTenant(
        tenantId,
        async (manager) =>
          [
            await this.reader.usersById(manager, tenantId, payload.keyIds),
            await this.reader.usersById(manager, tenantId, payload.otherCredentials),
          ] as const,
      );
      await this.ask(task, opened, flagged, idle);
    } finally {
      opened.access.close();
    }
  }

  private async ask(
    task: RunningTask<Payload>,
    { access, scanId, at }: OpenedAccount,
    flagged: readonly StoredUser[],
    idle: readonly StoredUser[],
  ): Promise<void> {
    const { tenantId, payload } = task;
    const names = (users: readonly StoredUser[]): string[] => users.map(({ user }) => user.name);
    const reported = new Map(flagged.map(({ user, keys }) => [user.name, keys.map(({ key }) => key)]));
    const keyIds = await collectAccessKeyIds(access, names(flagged), { reported, signal: task.signal });
    const others = await collectOtherCredentials(access, names(idle), task.signal);
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      const account = { tenantId, accountId: payload.accountId, at };
      await this.lookedUp.keyIds(manager, account, flagged, keyIds);
      await this.lookedUp.otherCredentials(manager, account, idle, others);
      await this.door.addCalls(manager, tenantId, scanId, access.calls.summary());
      await this.events.record(manager, tenantId, [
        { type: 'credentials.looked-up', objectType: 'account', objectId: payload.accountId },
      ]);
    });
  }
}
