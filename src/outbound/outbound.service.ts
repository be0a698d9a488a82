import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../config';
import { badInput } from '../errors';
import { exchange, headersOf } from './exchange';
import { failureOf } from './failure-of';
import { routeTo } from './judging/route';
import { readTarget } from './judging/target';
import { OUTBOUND_NETWORK, type OutboundNetwork } from './network';
import { openConnection } from './open-connection';
import { OutboundFailure } from './outbound-failure';
import type { OutboundAnswer, OutboundRequest } from './outbound-request';

export const LONGEST_MS = 15_000;
const CHECK_MS = 6_000;

/** The only door by which requests leave for places that tenants name. docs/operators.md says what it refuses. */
@Injectable()
export class Outbound {
  private readonly secureContext: SecureContext;

  constructor(
    private readonly config: Config,
    @Inject(OUTBOUND_NETWORK) private readonly network: OutboundNetwork,
  ) {
    const { certificates } = config.outbound;
    this.secureContext = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(certificates === null ? {} : { ca: [...rootCertificates, certificates] }),
    });
  }

  /**
   * One request and its answer, whatever its status. The name is looked up once, every address it has is judged, and the
   * connection goes to one of just these. Never called within a transaction.
   * @throws OutboundFailure and nothing else
   */
  async send(request: OutboundRequest): Promise<OutboundAnswer> {
    const timeoutMs = Math.min(request.timeoutMs ?? LONGEST_MS, LONGEST_MS);
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
    const began = performance.now();
    let sent = false;
    try {
      const settings = this.config.outbound;
      const target = readTarget(request.url, settings);
      headersOf(request.headers);
      const route = await routeTo(target, settings, this.network.resolve, signal);
      const { network, secureContext } = this;
      const socket = await openConnection(target, route, { network, secureContext, proxy: settings.proxy, signal });
      sent = true;
      const answer = await exchange(socket, target, request, signal);
      return { ...answer, latencyMs: Math.round(performance.now() - began) };
    } catch (error) {
      throw failureOf(error, { timeoutMs, timedOut: deadline.aborted, sent });
    }
  }

  /**
   * Whether something could be sent there at present: for whoever sets an address up. What is sent later is judged anew.
   * @throws DomainError BAD_INPUT naming the field
   */
  async mustBeAllowed(url: string, field: string): Promise<void> {
    const signal = AbortSignal.timeout(CHECK_MS);
    try {
      const target = readTarget(url, this.config.outbound);
      await routeTo(target, this.config.outbound, this.network.resolve, signal);
    } catch (error) {
      if (error instanceof OutboundFailure) throw badInput(`${field}: ${error.sentence}`);
      if (!signal.aborted) throw error;
      throw badInput(`${field}: The host name could not be resolved in time: check its DNS, or try again.`);
    }
  }
}
