import { Controller, Logger, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type ApiId, readIdOf } from '../../../api-id';
import { Clock } from '../../../clock';
import { DomainError } from '../../../errors';
import { InboundMessages } from '../../../notifications/tickets/inbound/inbound-messages.service';
import { Metrics } from '../../../observability/metrics.service';
import { INBOUND_PATH } from '../../core/body-limit';
import { maskError } from '../../core/mask-error';
import { Origins } from '../../core/request-origin';
import { InboundLimits } from './inbound-limits.service';

/** The same for a connection that does not exist and for a wrong signature: nobody can find out which ones there are. */
const REFUSED = 'There is no such connection, or the message is not signed with its secret, or is too old.';

/**
 * What ticketing systems tell us, signed with their connection's own secret; no other credential counts here. The tenant is
 * that of the id in the address, and is proven by the signature.
 */
@Controller(INBOUND_PATH)
export class InboundTicketsController {
  private readonly logger = new Logger('Inbound');

  constructor(
    private readonly messages: InboundMessages,
    private readonly limits: InboundLimits,
    private readonly origins: Origins,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /** 202: taken, or good and about nothing of ours. */
  @Post('tickets/:connection')
  async take(
    @Req() request: Request,
    @Res() response: Response,
    @Param('connection') connection: string,
  ): Promise<void> {
    response.set('cache-control', 'no-store');
    const { sourceAddress } = this.origins.of(request);
    const wanted = connectionOf(connection);
    const wait = await this.limits.waitSeconds(sourceAddress, wanted?.id ?? 'none');
    if (wait !== null) {
      response.set('retry-after', String(wait));
      this.refuse(request, response, { status: 429, code: 'RATE_LIMITED', message: `Try again in ${wait} seconds.` });
      return;
    }
    try {
      const heard = wanted === null ? 'refused' : await this.hear(wanted, request);
      if (heard !== 'refused') response.status(202).json({});
      else this.refuse(request, response, { status: 401, code: 'UNAUTHENTICATED', message: REFUSED });
    } catch (error) {
      // Whatever it is: the other system shall send it again.
      const { message, extensions } = maskError(error);
      const { code, requestId } = extensions;
      response.status(503).json({ errors: [{ message, extensions: { code, requestId } }] });
    }
  }

  private hear({ tenantId, id }: ApiId, { headers, body }: Request): Promise<'taken' | 'ignored' | 'refused'> {
    const texts = Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]);
    return this.messages.take(tenantId, id, {
      headers: Object.fromEntries(texts) as Record<string, string | undefined>,
      body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
      at: this.clock.now(),
    });
  }

  private refuse(
    request: Request,
    response: Response,
    { status, code, message }: { status: number; code: string; message: string },
  ): void {
    this.metrics.refused.inc({ code });
    this.logger.log({ event: 'request.refused', code, ...this.origins.of(request) });
    response.status(status).json({ errors: [{ message, extensions: { code } }] });
  }
}

function connectionOf(text: string): ApiId | null {
  try {
    return readIdOf('TicketConnection', text, 'connection');
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}
