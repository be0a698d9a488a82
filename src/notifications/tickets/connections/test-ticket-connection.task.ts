import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Clock } from '../../../clock';
import { Config } from '../../../config';
import { Handles, type TaskHandler } from '../../../tasks/handles';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { linkTo } from '../../catalogue/payload';
import { ticketKey } from '../subject';
import { testTicketConnection } from '../syncing/sync-tickets.definition';
import { type RemoteTicket, type TicketContent, TicketFailure } from '../ticket-system';
import { type OpenedConnection, OpenConnections } from './open-connections.service';
import type { ConnectionTest, TestStep } from './ticket-connection';

type Payload = z.infer<typeof testTicketConnection.payload>;

const SAID = {
  create: 'It was opened.',
  update: 'It was changed.',
  comment: 'It was commented.',
  close: 'It was closed.',
} as const;

/** Proves a connection's settings by a ticket: opened, changed, commented and closed again. */
@Injectable()
@Handles(testTicketConnection, { attempts: 3 })
export class TestTicketConnectionTask implements TaskHandler<Payload> {
  private readonly link: string | null;

  constructor(
    private readonly database: TenantDatabase,
    private readonly connections: OpenConnections,
    private readonly clock: Clock,
    { publicUrl }: Config,
  ) {
    this.link = linkTo(publicUrl);
  }

  async run(task: RunningTask<Payload>): Promise<void> {
    const { connectionId, testId } = task.payload;
    const opened = await this.connections.inTask(task, connectionId);
    // Another test was begun since, or the settings changed: this one proves nothing.
    if (opened === null || opened.row.test?.id !== testId || opened.row.test.version !== opened.row.version) return;
    await this.end(task, opened.row.test, await this.trial(task, opened, testId));
  }

  private async trial(task: RunningTask, { system, open, row }: OpenedConnection, testId: string): Promise<Trial> {
    const steps: TestStep[] = [];
    let remote: RemoteTicket | null = null;
    const attempt = async (step: TestStep['step'], work: () => Promise<string>): Promise<boolean> => {
      task.signal.throwIfAborted();
      try {
        steps.push({ step, ok: true, said: await work() });
        return true;
      } catch (error) {
        if (!(error instanceof TicketFailure)) throw error;
        steps.push({ step, ok: false, said: error.message });
        return false;
      }
    };
    const content = testContent(ticketKey(task.tenantId, row.id, `test ${testId}`), this.link);
    const examined = await attempt('examine', async () => {
      const missing = await system.examine(open);
      if (missing.length > 0) throw new TicketFailure('rejected', missing.join(' '));
      return 'Rights and fields are as they must be.';
    });
    if (!examined) return { steps, remote };
    const created = await attempt('create', async () => {
      // A test that was cut short has opened it already.
      remote = (await system.find(open, content.key)) ?? (await system.create(open, content));
      return `${SAID.create} It is ${remote.reference}.`;
    });
    if (!created || remote === null) return { steps, remote };
    const { id } = remote as RemoteTicket;
    await attempt('update', async () => {
      remote = await system.update(open, id, { ...content, text: [...content.text, 'It was changed once.'] });
      return SAID.update;
    });
    await attempt('comment', async () => {
      await system.comment(open, id, 'Mothball can write comments here.');
      return SAID.comment;
    });
    await attempt('close', async () => {
      remote = await system.close(open, id, 'Mothball closes its test ticket.');
      if (remote.state !== 'closed') throw new TicketFailure('rejected', 'It answered that the ticket is still open.');
      return SAID.close;
    });
    return { steps, remote };
  }

  private async end(task: RunningTask<Payload>, begun: ConnectionTest, { steps, remote }: Trial): Promise<void> {
    const passed = steps.every(({ ok }) => ok);
    const test: ConnectionTest = {
      ...{ ...begun, steps, state: passed ? 'passed' : 'failed', endedAt: this.clock.now().toISOString() },
      ...{ reference: remote?.reference ?? null, url: remote?.url ?? null },
    };
    await this.database.inTenant(task.tenantId, async (manager) => {
      await task.guard(manager);
      await manager.query(
        `UPDATE ticket_connections SET test = $3, tested_version = CASE WHEN $4 THEN version ELSE tested_version END
         WHERE tenant_id = $1 AND id = $2 AND version = $5 AND test ->> 'id' = $6`,
        [task.tenantId, task.payload.connectionId, JSON.stringify(test), passed, begun.version, begun.id],
      );
    });
  }
}

interface Trial {
  readonly steps: readonly TestStep[];
  readonly remote: RemoteTicket | null;
}

const testContent = (key: string, link: string | null): TicketContent => ({
  ...{ key, link, severity: 'low', owner: null, more: 0, follows: null },
  title: 'Mothball tries this connection',
  text: ['This ticket shows that Mothball can open, change, comment and close tickets here. It is closed at once.'],
  findings: [{ title: 'User example-user in example (123456789012)', why: 'An example of a finding.', link: null }],
  remediation: ['There is nothing to do.'],
});
