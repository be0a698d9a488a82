import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Metrics } from './metrics.service';

const PATHS = new Set(['/graphql', '/metrics', '/health/live', '/health/ready']);

/** Measures requests. A path that is not the service's own makes no label: callers could make any number of them. */
@Injectable()
export class HttpDurations implements NestMiddleware {
  constructor(private readonly metrics: Metrics) {}

  use(request: Request, response: Response, next: NextFunction): void {
    const end = this.metrics.httpSeconds.startTimer();
    const [path = ''] = request.originalUrl.split('?');
    response.once('finish', () => {
      end({ method: request.method, path: PATHS.has(path) ? path : 'other', status: String(response.statusCode) });
    });
    next();
  }
}
