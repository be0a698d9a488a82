import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Handles, type TaskHandler } from '../../tasks/handles';
import type { RunningTask } from '../../tasks/running-task';
import { deliver } from './deliver.definition';
import { EndpointOutcomes } from './driver/endpoint-outcomes.service';
import { EndpointRun } from './driver/endpoint-run';
import { Outcomes } from './driver/outcomes.service';
import { RunEnd } from './driver/run-end.service';
import { Sending } from './driver/sending.service';
import type { Turns } from './driver/turn';
import { TurnTaking } from './driver/turn-taking.service';

type Payload = z.infer<typeof deliver.payload>;

/**
 * The one driver of an endpoint: sends what is due, a few at once, each written down before and after; then has itself
 * called again for the next one. A dead endpoint with 100,000 deliveries is one task that comes back now and then.
 */
@Injectable()
@Handles(deliver)
export class DeliverTask implements TaskHandler<Payload> {
  constructor(
    private readonly taking: TurnTaking,
    private readonly sending: Sending,
    private readonly outcomes: Outcomes,
    private readonly endpoints: EndpointOutcomes,
    private readonly end: RunEnd,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { endpointId } = task.payload;
    const run = new EndpointRun();
    for (;;) {
      task.signal.throwIfAborted();
      const taken = await this.taking.take(task, endpointId, run);
      if ('over' in taken) return this.end.write(task, endpointId, run, taken.notBefore);
      await this.sendAll(task, run, taken);
    }
  }

  private async sendAll(task: RunningTask<Payload>, run: EndpointRun, { endpoint, turns }: Turns): Promise<void> {
    if (turns.length === 0) return;
    const open = await this.sending.open(endpoint);
    const ends = await Promise.allSettled(
      turns.map(async (turn) => {
        const sent = await this.sending.send(task, endpoint, open, turn);
        run.took(sent.latencyMs);
        await this.outcomes.write(task, endpoint, turn, sent);
        return sent.outcome;
      }),
    );
    const lost = ends.find((end) => end.status === 'rejected');
    if (lost) throw lost.reason;
    const outcomes = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    await this.endpoints.write(task, endpoint, outcomes);
  }
}
