import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { EVENTS_CHANNEL } from '../../tasks/events.service';
import { Listener } from '../../tenancy/listener';

/** Somebody who looks need not look more often. */
const SHORTEST_WAIT_MS = 250;
/** A notification may get lost, and that a scan has begun is no event: look by timer as well. */
const LONGEST_WAIT_MS = 1_000;

export interface Watch {
  /** Resolves when the tenant may look different: at an event of its own, or by timer. */
  next(): Promise<void>;
  end(): void;
}

/** Says when it is worth to look again. */
@Injectable()
export class Changes {
  constructor(private readonly listener: Listener) {}

  async watch(tenantId: string): Promise<Watch> {
    let happened = false;
    let wake = (): void => {};
    const unlisten = await this.listener.listen(EVENTS_CHANNEL, (payload) => {
      // An empty payload: notifications may have been missed.
      if (payload !== '' && !payload.includes(tenantId)) return;
      happened = true;
      wake();
    });
    return {
      end: unlisten,
      next: async () => {
        await sleep(SHORTEST_WAIT_MS);
        if (!happened) {
          const timer = new AbortController();
          const woken = new Promise<void>((resolve) => (wake = resolve));
          const timeout = sleep(LONGEST_WAIT_MS - SHORTEST_WAIT_MS, undefined, { signal: timer.signal }).catch(
            () => {},
          );
          await Promise.race([woken, timeout]);
          timer.abort();
        }
        happened = false;
      },
    };
  }
}
