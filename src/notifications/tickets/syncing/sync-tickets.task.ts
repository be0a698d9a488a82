import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Handles, type TaskHandler } from '../../../tasks/handles';
import type { RunningTask } from '../../../tasks/running-task';
import { syncTickets } from './sync-tickets.definition';
import { TicketRounds } from './ticket-rounds.service';

type Payload = z.infer<typeof syncTickets.payload>;

/** Brings a connection's tickets to what they should be, one after the other; then has itself called for the next one. */
@Injectable()
@Handles(syncTickets)
export class SyncTicketsTask implements TaskHandler<Payload> {
  constructor(private readonly rounds: TicketRounds) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    await this.rounds.run(task, task.payload.connectionId);
  }
}
