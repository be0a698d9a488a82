import { createHash, timingSafeEqual } from 'node:crypto';
import { Controller, ForbiddenException, Get, Header, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Config } from '../config';
import { Metrics } from './metrics.service';

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;

@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly config: Config,
  ) {}

  /** For whoever has the token, and for programs on this machine. Throws 403. */
  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  text(@Req() request: Request): Promise<string> {
    if (!this.mayRead(request)) {
      throw new ForbiddenException(
        'Metrics are read from this machine, or with the header "Authorization: Bearer" and MOTHBALL_METRICS_TOKEN.',
      );
    }
    return this.metrics.text();
  }

  private mayRead({ headers, socket }: Request): boolean {
    const { metricsToken } = this.config;
    if (metricsToken !== null && isSame(headers.authorization ?? '', `Bearer ${metricsToken}`)) return true;
    // What a proxy on this machine passes on is not from this machine.
    const passedOn = 'x-forwarded-for' in headers || 'forwarded' in headers;
    return !passedOn && LOOPBACK.test(socket.remoteAddress ?? '');
  }
}

const isSame = (one: string, other: string): boolean => timingSafeEqual(hashOf(one), hashOf(other));

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
