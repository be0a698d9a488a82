import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, HOUR_MS } from '../../../clock';
import type { TicketConnectionRow } from '../connections/ticket-connection';
import { TicketRecords } from '../ticket-records.service';
import type { TicketRow } from '../ticket';
import { WantedTickets } from '../wanting/wanted-tickets.service';
import { ExemptionRequests } from './exemption-requests.service';
import { TicketRechecks } from './rechecks.service';
import { FIND_AGAIN_MS, type Scene } from './scene.service';

const LOOK_AT_RECHECK_MS = 30_000;

const LEFT_OPEN = 'People opened it again; nothing that it spoke of is open in Mothball.';
const CLOSED_AS = {
  'wont-do': 'It was closed there as "won’t do" while findings are open.',
  done: 'It was closed there while findings are open.',
};

/** Steps that send nothing: in one transaction each. */
@Injectable()
export class LocalSteps {
  constructor(
    private readonly clock: Clock,
    private readonly records: TicketRecords,
    private readonly wanted: WantedTickets,
    private readonly rechecks: TicketRechecks,
    private readonly exemptions: ExemptionRequests,
  ) {}

  async rest(
    manager: EntityManager,
    connection: TicketConnectionRow,
    { row, wanted, known }: Scene,
    state: 'open' | 'closed',
  ): Promise<void> {
    const agreed = { closing: null, reaction: null, recheck_tasks: null, exemption_ids: null } as const;
    if (row.remote_id === null) {
      // What was never opened leaves nothing behind but its requests.
      if (known.looks === 0 && !known.unsure) return this.records.forget(manager, row);
      return this.records.rest(manager, row, 'closed', { state_why: 'Nothing was left of it before it was opened.' });
    }
    if (state === 'open' && wanted.open) {
      await this.records.rest(manager, row, 'open', {
        ...agreed,
        ours: 'open',
        state_why: null,
        look_at: this.records.nextLook(),
      });
      // What people closed took no new findings.
      if (row.closing !== null) await this.wanted.keepFindings(manager, connection, [row.id]);
      return;
    }
    if (state === 'open')
      return this.records.rest(manager, row, 'open', { state_why: LEFT_OPEN, look_at: this.records.nextLook() });
    if (!wanted.open) {
      const why = row.state === 'closed' ? row.state_why : await this.wanted.whyClosed(manager, connection, row.id);
      return this.records.rest(manager, row, 'closed', { ...agreed, ours: 'closed', state_why: why, look_at: null });
    }
    await this.records.rest(manager, row, 'closed', {
      state_why: CLOSED_AS[row.closing === 'wont-do' ? 'wont-do' : 'done'],
      look_at: this.records.nextLook(),
      // Nothing tells of a request that is refused.
      next_at: known.pending ? new Date(this.clock.now().getTime() + HOUR_MS) : null,
    });
  }

  /** For what was asked for, for a search that may not show yet what is there, or for having opened it less often. */
  async wait(manager: EntityManager, { row, lookedAt }: Scene): Promise<void> {
    const now = this.clock.now().getTime();
    const found = row.remote_id === null ? (lookedAt?.getTime() ?? now) + FIND_AGAIN_MS : now + HOUR_MS;
    const at = row.reaction === 'rechecking' ? now + LOOK_AT_RECHECK_MS : found;
    await this.records.change(manager, row, { next_at: new Date(at), look_at: null });
  }

  /** People say it is done: what IAM says is asked for. */
  async recheck(manager: EntityManager, row: TicketRow): Promise<void> {
    const tasks = await this.rechecks.ask(manager, row);
    await this.records.change(manager, row, { closing: 'done', reaction: 'rechecking', recheck_tasks: tasks });
  }

  async requestExemption(manager: EntityManager, connection: TicketConnectionRow, row: TicketRow): Promise<void> {
    const ids = await this.exemptions.ask(manager, row, connection);
    await this.records.change(manager, row, { closing: 'wont-do', reaction: 'requested', exemption_ids: ids });
  }

  async withdrawRequest(manager: EntityManager, { row, wanted }: Scene): Promise<void> {
    const note = wanted.open ? 'The ticket was opened again.' : 'Nothing is left of what it was asked for.';
    await this.exemptions.withdraw(manager, row, note);
    await this.records.change(manager, row, { exemption_ids: null });
  }
}
