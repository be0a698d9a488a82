import type { Params } from 'nestjs-pino';
import type { Config } from '../config';
import { newId } from '../ids';

/** Health checks and metrics come every few seconds and say nothing. */
const QUIET = /^\/(health|metrics)/;

/** What Nest says of each module and route when it starts. */
const CHATTY = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'GraphQLModule', 'NestApplication']);
const INFO = 30;

/** JSON lines on stdout. What a request carries is not logged: neither headers nor bodies, so no token either. */
export function logging(config: Config): Params {
  return {
    pinoHttp: {
      level: config.logLevel,
      // The one that the answer carries and the audit log keeps, where there is one already.
      genReqId: ({ id }) => id ?? newId(),
      autoLogging: { ignore: (request) => QUIET.test(request.url ?? '') },
      // Each request is one line; a refusal is no error of ours.
      customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'debug'),
      serializers: {
        req: ({ id, method, url }: { id: unknown; method: unknown; url: unknown }) => ({
          id,
          method,
          url: typeof url === 'string' ? url.split('?')[0] : url,
        }),
        res: ({ statusCode }: { statusCode: unknown }) => ({ statusCode }),
      },
      hooks: {
        logMethod(args, method, level) {
          const [fields] = args as [unknown];
          const context = typeof fields === 'object' && fields !== null && 'context' in fields ? fields.context : null;
          if (level > INFO || typeof context !== 'string' || !CHATTY.has(context)) method.apply(this, args);
        },
      },
      redact: {
        paths: [
          'authorization',
          '*.authorization',
          '*.headers',
          'secret',
          '*.secret',
          '*.password',
          '*.connectionString',
          // A failed statement's values: external ids, hashes of tokens.
          '*.parameters',
        ],
        censor: '[hidden]',
      },
    },
  };
}
