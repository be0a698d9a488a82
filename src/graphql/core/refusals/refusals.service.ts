import { Injectable, Logger } from '@nestjs/common';
import type { GraphQLError } from 'graphql';
import { Metrics } from '../../../observability/metrics.service';
import type { Principal } from '../../../tenancy/principal';
import { type Initial, type RequestContext, RequestContexts } from '../request-context';
import { foreignTenants } from './foreign-ids';
import { RefusalNotes } from './refusal-notes.service';

/** What is worth a line: somebody tried what they may not, or more than anybody may. */
const CODES = new Set([
  'CSRF_REFUSED',
  'FORBIDDEN',
  'NOT_FOUND',
  'QUERY_TOO_COSTLY',
  'QUERY_TOO_LARGE',
  'RATE_LIMITED',
  'TOO_MANY_SUBSCRIPTIONS',
  'UNAUTHENTICATED',
  'UNTRUSTED_DOCUMENT',
]);
const LONGEST_NAME = 100;

/** A request, as far as it is known when it is refused. */
export interface RefusedRequest {
  readonly initial: Initial;
  /** Undefined where it was refused before anybody asked who it is. */
  readonly ask: RequestContext | undefined;
  readonly params: {
    readonly query?: string | null | undefined;
    readonly operationName?: string | null | undefined;
    readonly variables?: unknown;
  };
}

/** Keeps account of refused requests: one line of the log for each, a counter, and the audit log. */
@Injectable()
export class Refusals {
  private readonly logger = new Logger(Refusals.name);

  constructor(
    private readonly metrics: Metrics,
    private readonly contexts: RequestContexts,
    private readonly notes: RefusalNotes,
  ) {}

  /** Looks through the errors of an answer. Never throws, and keeps nobody waiting. */
  note(errors: readonly GraphQLError[], request: RefusedRequest): void {
    const refused = errors.filter((error) => CODES.has(codeOf(error)));
    if (refused.length === 0) return;
    this.tell(refused, request).catch((error: unknown) =>
      this.logger.error({ err: error }, 'A refused request could not be told of.'),
    );
  }

  private async tell(errors: readonly GraphQLError[], request: RefusedRequest): Promise<void> {
    const ask = request.ask ?? (await this.contexts.open(request.initial));
    const principal = principalOf(ask);
    const told = new Set<string>();
    for (const error of errors) {
      const code = codeOf(error);
      const operation = operationOf(error, request);
      const foreign = code === 'NOT_FOUND' ? foreignOf(principal, request) : undefined;
      // Not to be found is nothing strange, unless it is somebody else's.
      if ((code === 'NOT_FOUND' && !foreign) || told.has(`${code} ${operation}`)) continue;
      told.add(`${code} ${operation}`);
      this.metrics.refused.inc({ code });
      const { requestId, sourceAddress } = ask.origin;
      this.logger.log({
        ...{ event: 'request.refused', code, operation, foreign, requestId, sourceAddress },
        principal: principal && { kind: principal.kind, id: principal.id, name: principal.name, role: principal.role },
        tenant: principal?.tenantId,
      });
      if (code === 'FORBIDDEN' && principal) this.notes.note(ask.actor, operation);
    }
  }
}

/** The tenant whose id was tried. Platform people may name any. */
function foreignOf(principal: Principal | undefined, { params }: RefusedRequest): string | undefined {
  if (principal?.scope !== 'tenant') return undefined;
  return foreignTenants(params.query ?? '', params.variables, principal.tenantId)[0];
}

function principalOf(ask: RequestContext): Principal | undefined {
  try {
    return ask.principal;
  } catch {
    return undefined;
  }
}

const codeOf = ({ extensions }: GraphQLError): string => String(extensions['code']);

/** The field, where one is to blame; else what the caller calls the operation. */
function operationOf({ extensions, path }: GraphQLError, { params }: RefusedRequest): string {
  const { field } = extensions;
  const name = typeof field === 'string' ? field : (path?.[0] ?? params.operationName ?? '');
  return String(name).slice(0, LONGEST_NAME);
}
