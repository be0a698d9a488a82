import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { raw, type NextFunction, type Request, type Response } from 'express';
import { Metrics } from '../../observability/metrics.service';
import { currentOrigin } from './request-origin';

const LARGEST_BODY = '1mb';

/** What other systems send us, and sign: as it came, so that the signature is that of the very bytes. */
export const INBOUND_PATH = 'inbound';
const LARGEST_INBOUND = '256kb';

/** Reads request bodies up to their limit for everything behind it; a larger one is refused in GraphQL's own form. */
export function limitBodies(app: NestExpressApplication): void {
  const logger = new Logger('Bodies');
  const { refused } = app.get(Metrics, { strict: false });
  app.use(`/${INBOUND_PATH}`, raw({ type: () => true, limit: LARGEST_INBOUND, inflate: false }));
  app.use(raw({ type: () => true, limit: LARGEST_BODY }));
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    const status = statusOf(error);
    if (status === undefined) return next(error);
    const message = messageOf(status, request.path.startsWith(`/${INBOUND_PATH}/`));
    const code = status === 413 ? 'REQUEST_TOO_LARGE' : 'BAD_INPUT';
    if (status === 413) {
      refused.inc({ code });
      logger.log({ event: 'request.refused', code, ...currentOrigin() });
    }
    // Unread, the rest of the body would be taken for the next request.
    response
      .status(status)
      .set('connection', 'close')
      .json({ errors: [{ message, extensions: { code } }] });
  });
}

function messageOf(status: number, isInbound: boolean): string {
  if (isInbound) {
    return status === 413
      ? 'The message is larger than 256 kB: have less sent.'
      : 'The message could not be read. Send it uncompressed, with a matching Content-Length.';
  }
  return status === 413
    ? 'The request is larger than 1 MB. Put values into variables, ask for less, or split the request.'
    : 'The request could not be read. Send JSON, uncompressed or gzipped, with a matching Content-Length.';
}

/** Of the errors that reading a body makes. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error) || !('type' in error)) return undefined;
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? error.status : undefined;
}
