import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../clock';
import { Listener } from './listener';
import { CREDENTIALS_CHANNEL } from './revocations';

export interface Watched {
  /** The ids with whose end it may end. */
  readonly endsWith: readonly string[];
  /** When it ends by itself; null: never. */
  readonly expiresAt: Date | null;
  /** Something may have ended: look. */
  readonly look: () => void;
}

/** Timers take no longer ones. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Sessions that nobody uses end without anybody saying so, and a notification may get lost. */
const LOOK_EVERY_MS = 60_000;

/** Tells whoever has something open for a credential when that credential may have ended: at once, in each process. */
@Injectable()
export class LiveCredentials implements OnModuleInit, OnApplicationShutdown {
  private readonly watched = new Set<Watched>();
  private readonly timers = new Map<Watched, NodeJS.Timeout>();
  private readonly rounds: NodeJS.Timeout;

  constructor(
    private readonly listener: Listener,
    private readonly clock: Clock,
  ) {
    this.rounds = setInterval(() => this.lookAll(), LOOK_EVERY_MS).unref();
  }

  async onModuleInit(): Promise<void> {
    await this.listener.listen(CREDENTIALS_CHANNEL, (payload) => {
      // An empty payload: too many to say, or notifications may have been missed.
      if (payload === '') return this.lookAll();
      const ended = new Set(JSON.parse(payload) as string[]);
      for (const one of [...this.watched]) if (one.endsWith.some((id) => ended.has(id))) one.look();
    });
  }

  onApplicationShutdown(): void {
    clearInterval(this.rounds);
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  /** Returns what ends the watch. */
  watch(one: Watched): () => void {
    this.watched.add(one);
    if (one.expiresAt !== null) {
      const left = one.expiresAt.getTime() - this.clock.now().getTime();
      this.timers.set(one, setTimeout(one.look, Math.min(Math.max(left, 0) + 1, LONGEST_TIMER_MS)).unref());
    }
    return () => {
      this.watched.delete(one);
      clearTimeout(this.timers.get(one));
      this.timers.delete(one);
    };
  }

  private lookAll(): void {
    for (const one of [...this.watched]) one.look();
  }
}
