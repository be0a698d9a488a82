import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { networkOf } from '../../../tenancy/failed-sign-ins.service';

/** Some hundred messages are a mass change in the other system; it sends the rest when it tries again. */
const PER_CONNECTION_AND_ADDRESS = 300;
/** A ticketing system sends for all of its customers from few addresses: many more, so that none of them is held up. */
const PER_ADDRESS = 6_000;
const SECONDS = 60;

/**
 * Bounds how much comes in for a connection from one address, and from one address in all: whoever sends for a connection
 * that is not theirs uses up nothing of those who may. Counted in this process, whether or not the connection exists.
 */
@Injectable()
export class InboundLimits {
  private readonly connections = new RateLimiterMemory({
    ...{ keyPrefix: 'inbound-connection', points: PER_CONNECTION_AND_ADDRESS, duration: SECONDS },
  });
  private readonly addresses = new RateLimiterMemory({
    ...{ keyPrefix: 'inbound-address', points: PER_ADDRESS, duration: SECONDS },
  });

  /** Counts one message. Null: it may be taken now; else in how many seconds. */
  async waitSeconds(address: string | null, connectionId: string): Promise<number | null> {
    const network = address === null ? 'unknown' : networkOf(address);
    try {
      await this.addresses.consume(network);
      await this.connections.consume(`${connectionId} ${network}`);
      return null;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return Math.max(1, Math.ceil(error.msBeforeNext / 1_000));
    }
  }
}
