import type { z } from 'zod';
import type { Clock } from '../../../../clock';
import { OutboundFailure } from '../../../../outbound/outbound-failure';
import type { Outbound } from '../../../../outbound/outbound.service';
import { retryAfterMs } from '../../../../outbound/retry-after';
import { TicketFailure, type TicketFailureKind } from '../../ticket-system';
import { withoutSecrets } from './secret-forms';

export interface TicketRequest {
  /** As people call it: `Jira`. */
  readonly system: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: URLSearchParams;
  /** A request that changes nothing although it is no GET: a search. */
  readonly onlyReads?: boolean;
  /** What may stand in no error, should the system answer it back. */
  readonly secrets: readonly string[];
}

export interface TicketAnswer {
  readonly request: TicketRequest;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Undefined: it is no JSON. */
  readonly json: unknown;
  /** When it was given, by the system's own clock where it says so: its dates are compared with that. */
  readonly at: Date;
}

/** How much of an answer is shown. */
const SHOWN_CHARACTERS = 500;

/** Sends requests to ticketing systems, and says what it means when they are not answered as they should be. */
export class TicketHttp {
  constructor(
    private readonly outbound: Outbound,
    private readonly clock: Clock,
  ) {}

  /** Any answer is an answer. Throws TicketFailure where there was none: `unknown` if it may have changed something. */
  async send(request: TicketRequest): Promise<TicketAnswer> {
    const body = bodyOf(request);
    try {
      const answer = await this.outbound.send({
        method: request.method,
        url: request.url,
        headers: { accept: 'application/json', ...body?.headers, ...request.headers },
        ...(body === undefined ? {} : { body: body.text }),
      });
      const { status, headers } = answer;
      const text = answer.body.toString('utf8');
      return { request, status, headers, text, json: parsed(text), at: this.timeOf(headers) };
    } catch (error) {
      if (!(error instanceof OutboundFailure)) throw error;
      const kind = error.kind === 'refused' ? 'refused' : error.sent ? unanswered(request) : 'busy';
      throw new TicketFailure(kind, `${request.system}: ${error.sentence}`);
    }
  }

  private timeOf({ date }: Readonly<Record<string, string>>): Date {
    const theirs = new Date(date ?? '');
    return Number.isNaN(theirs.getTime()) ? this.clock.now() : theirs;
  }
}

/**
 * What an answer means that is not the one that was hoped for. `said`: what the system wrote about it.
 * A server's error after a request that writes leaves open whether it was done; 503 says that it was not taken at all.
 */
export function failureOf(answer: TicketAnswer, doing: string, said: string | null, as?: Meant): TicketFailure {
  const kind = as?.kind ?? kindOf(answer);
  const waitMs = as?.retryAfterMs ?? retryAfterMs(answer.headers, answer.at);
  const why = said === null ? '' : `: ${shown(said, answer.request)}`;
  return new TicketFailure(kind, `${answer.request.system} answered ${answer.status} to ${doing}${why}`, {
    status: answer.status,
    answer: shown(answer.text, answer.request),
    ...(kind === 'busy' && waitMs !== undefined ? { retryAfterMs: waitMs } : {}),
  });
}

/** Where a system means something else by a status than others do. */
export interface Meant {
  readonly kind: TicketFailureKind;
  readonly retryAfterMs?: number;
}

/** Reads an answer by its documented shape; anything else, a login page for example, is no answer. */
export function readAs<T>(answer: TicketAnswer, schema: z.ZodType<T>, doing: string): T {
  const read = schema.safeParse(answer.json);
  if (read.success) return read.data;
  const sentence = 'with something other than its documentation says';
  throw failureOf(answer, doing, sentence, { kind: unanswered(answer.request) });
}

function kindOf({ status, request }: TicketAnswer): TicketFailureKind {
  if (status === 404 || status === 410) return 'gone';
  // 409 and 412: somebody else changed it meanwhile; what is wanted is worked out anew.
  if ([408, 409, 412, 425, 429, 503].includes(status)) return 'busy';
  // 3xx: nothing lives at this address any more; we never follow.
  if ([401, 402, 403, 407].includes(status) || (status >= 300 && status < 400)) return 'refused';
  if (status >= 400 && status < 500) return 'rejected';
  return unanswered(request);
}

const unanswered = (request: TicketRequest): 'busy' | 'unknown' =>
  request.method === 'GET' || request.onlyReads === true ? 'busy' : 'unknown';

function bodyOf({ json, form }: TicketRequest): { text: string; headers: Record<string, string> } | undefined {
  if (json !== undefined) return { text: JSON.stringify(json), headers: { 'content-type': 'application/json' } };
  if (form === undefined) return undefined;
  return { text: form.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shown(text: string, request: TicketRequest): string {
  return withoutSecrets(text, request)
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .slice(0, SHOWN_CHARACTERS)
    .trim();
}

/** What was asked for; null when there is nothing of that id any more. */
export async function unlessGone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof TicketFailure && error.kind === 'gone') return null;
    throw error;
  }
}

export const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`, 'utf8').toString('base64')}`;
