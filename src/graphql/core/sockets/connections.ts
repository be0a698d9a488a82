import type { Principal } from '../../../tenancy/principal';
import type { Initial, RequestContexts } from '../request-context';
import { Held } from './held';

export const MOST_CONNECTIONS = 20;

/** Who holds something open: one credential in one tenant. */
export const holderOf = ({ tenantId, kind, id }: Principal): string => `${tenantId} ${kind} ${id}`;

/** Which WebSockets may stay open: those of good credentials, and only so many of each. */
export class Connections {
  private readonly held = new Held(MOST_CONNECTIONS);

  constructor(private readonly contexts: RequestContexts) {}

  /**
   * Returns what is to be called when the connection ends; null: not let in. Calls `close` as soon as the credential is
   * good no more.
   */
  async admit(initial: Initial, close: () => void): Promise<(() => void) | null> {
    const ask = await this.contexts.open(initial);
    if (!ask.isSomebody) return null;
    const release = this.held.take(holderOf(ask.principal));
    if (!release) return null;
    const stop = ask.whenEnded(close);
    return () => {
      stop();
      release();
    };
  }
}
