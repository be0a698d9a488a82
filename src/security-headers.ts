import type { INestApplication } from '@nestjs/common';
import helmet from 'helmet';

/**
 * What every answer says to browsers: nothing of it is a page that may run, load or be framed. Pages of our own (the
 * explorer, signing in) say in a header of the same name what they need. HSTS counts on HTTPS only, so it is always sent.
 */
export function sendSecurityHeaders(app: INestApplication): void {
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      frameguard: { action: 'deny' },
      strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
      crossOriginResourcePolicy: { policy: 'same-origin' },
      referrerPolicy: { policy: 'no-referrer' },
    }),
  );
}
