import { TicketFailure, type OpenConnection, type RemoteTicket, type TicketContent } from '../../ticket-system';
import { failureOf, type TicketAnswer, type TicketHttp } from '../parts/ticket-http';
import { line, webLink } from '../parts/ticket-words';
import { at, textAt } from './json-pointer';
import type { TemplateCredential, TemplateRequest, TemplateSettings } from './template-settings';
import { renderHeader, renderJson, renderPath, renderText, type View } from './template-text';

export type TemplateConnection = OpenConnection<TemplateSettings, TemplateCredential>;

/** Sends what templates say, and reads what answers to it by pointers. */
export class TemplateApi {
  constructor(private readonly http: TicketHttp) {}

  async send(
    { settings, credential }: TemplateConnection,
    request: TemplateRequest,
    view: View,
    onlyReads = false,
  ): Promise<TicketAnswer> {
    const { method, headers, body, form } = request;
    const secrets = Object.values(credential.headers).flatMap((value) => [value, value.split(' ').at(-1) ?? '']);
    const rendered = Object.entries(headers).map(([name, value]) => [name, renderHeader(value, view)] as const);
    const fields = Object.entries(form ?? {}).map(([name, value]): [string, string] => [name, renderText(value, view)]);
    return this.http.send({
      system: 'The ticketing system',
      method,
      url: within(settings.base, renderPath(request.path, view)),
      headers: Object.fromEntries([...rendered, ...Object.entries(credential.headers)]),
      onlyReads,
      secrets,
      ...(body === undefined ? {} : { json: renderJson(body, view) }),
      ...(form === undefined ? {} : { form: new URLSearchParams(fields) }),
    });
  }
}

/** Nothing that is put into a path leads out of the base. */
function within(base: string, path: string): string {
  const url = new URL(`${base}${path}`);
  const root = new URL(base);
  const folder = root.pathname.replace(/\/$/, '');
  if (url.origin === root.origin && url.pathname.startsWith(`${folder}/`)) return url.href;
  throw new TicketFailure('rejected', 'The address that the template gives is outside of its base.');
}

export function mustBeGood(answer: TicketAnswer, doing: string): TicketAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw failureOf(answer, doing, null);
}

/** The ticket in an answer; null: there is no id where the settings say. */
export function ticketIn({ settings }: TemplateConnection, document: unknown): RemoteTicket | null {
  const { answers, states } = settings;
  const id = textAt(document, answers.id);
  if (id === null || id === '' || id.length > 200 || /^\.{1,2}$/.test(id)) return null;
  const state = textAt(document, answers.state);
  const closed = state !== null && states.closed.includes(state);
  const as = textAt(document, answers.closedAs) ?? state;
  const version = Number(textAt(document, answers.version) ?? NaN);
  const changedAt = timeOf(textAt(document, answers.changedAt));
  return {
    id,
    reference: line(textAt(document, answers.reference) ?? id, 100) || id,
    url: webLink(textAt(document, answers.url)),
    state: closed ? 'closed' : 'open',
    closedAs: !closed ? null : as !== null && states.wontDo.includes(as) ? 'wont-do' : 'done',
    version: Number.isSafeInteger(version) ? version : null,
    changedAt,
  };
}

/** Whether the answer says in which state the ticket is. */
export const tellsState = ({ settings }: TemplateConnection, document: unknown): boolean =>
  textAt(document, settings.answers.state) !== null;

/** ISO 8601, or seconds or milliseconds since 1970. */
function timeOf(text: string | null): Date | null {
  if (text === null) return null;
  const number = /^\d{9,13}$/.test(text) ? Number(text) : null;
  const time = new Date(number === null ? text : number < 100_000_000_000 ? number * 1_000 : number);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** The entries of a list in an answer; a ticket alone is a list of one. */
export function listIn(document: unknown, pointer: string): readonly unknown[] {
  const found = at(document, pointer);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? (found as unknown[]) : [found];
}

export const titleOf = (content: TicketContent): string => line(content.title, 250) || 'Mothball';

/** What a template may show of a ticket. `text`: all of it in plain words. */
export function viewOf({ settings }: TemplateConnection, content: TicketContent, text: string): View {
  const maps = Object.entries(settings.maps).map(([name, by]) => [name, by[content.severity]] as const);
  const findings = content.findings.map(({ title, why, link }) => ({
    title: line(title, 300),
    why: line(why, 500),
    link: webLink(link) ?? '',
  }));
  return {
    key: content.key,
    title: titleOf(content),
    severity: content.severity,
    owner: line(content.owner ?? '', 255),
    text,
    link: webLink(content.link) ?? '',
    count: findings.length + content.more,
    more: content.more,
    findings,
    remediation: content.remediation.map((step) => line(step, 1_000)),
    follows:
      content.follows === null
        ? []
        : [{ reference: line(content.follows.reference, 200), url: webLink(content.follows.url) ?? '' }],
    map: Object.fromEntries(maps),
  };
}
