import { z } from 'zod';
import { TicketFailure, type OpenConnection, type RemoteTicket } from '../../ticket-system';
import { basic, failureOf, readAs, type Meant, type TicketAnswer, type TicketHttp } from '../parts/ticket-http';
import type { ServiceNowCredential, ServiceNowSettings } from './servicenow-settings';

export type ServiceNowConnection = OpenConnection<ServiceNowSettings, ServiceNowCredential>;

/** Every value comes as text; what the account may not read comes as nothing. */
const record = z.object({
  sys_id: z.string().regex(/^[0-9a-f]{32}$/),
  number: z.string().min(1).max(100),
  state: z.string(),
  correlation_id: z.string().default(''),
  short_description: z.string().default(''),
  description: z.string().default(''),
  close_code: z.string().default(''),
  sys_mod_count: z.string().regex(/^\d{1,9}$/),
  sys_updated_on: z.string(),
});

export type ServiceNowRecord = z.infer<typeof record>;

const COLUMNS = Object.keys(record.shape).join(',');
const problem = z.object({ error: z.object({ message: z.string().nullish(), detail: z.string().nullish() }) });

/** https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html */
export class ServiceNowApi {
  constructor(private readonly http: TicketHttp) {}

  send(
    { settings, credential }: ServiceNowConnection,
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    json?: object,
  ): Promise<TicketAnswer> {
    return this.http.send({
      system: 'ServiceNow',
      method,
      url: `${settings.instance}/api/now/${path}`,
      headers: headersOf(credential),
      secrets: Object.values(credential),
      ...(json === undefined ? {} : { json }),
    });
  }

  async list(connection: ServiceNowConnection, query: string): Promise<ServiceNowRecord[]> {
    const doing = 'the search';
    const path = `${tableOf(connection)}&sysparm_limit=2&sysparm_query=${encodeURIComponent(query)}`;
    const answer = await this.send(connection, 'GET', path);
    return readAs(must(answer, 200, doing), z.object({ result: z.array(record) }), doing).result;
  }

  /** Throws `gone` where there is none, `refused` where the table cannot be read any more. */
  async record(connection: ServiceNowConnection, id: string): Promise<ServiceNowRecord> {
    const doing = 'reading the record';
    const answer = await this.send(connection, 'GET', tableOf(connection, id));
    // 404 is also the answer where an access rule hides it: then none of ours can be seen.
    if (answer.status === 404) await this.list(connection, 'correlation_display=Mothball');
    return readAs(must(answer, 200, doing), z.object({ result: record }), doing).result;
  }

  async create(connection: ServiceNowConnection, columns: object): Promise<ServiceNowRecord> {
    const doing = 'creating the record';
    const answer = await this.send(connection, 'POST', tableOf(connection), columns);
    return readAs(must(answer, 201, doing), z.object({ result: record }), doing).result;
  }

  async patch(connection: ServiceNowConnection, id: string, columns: object): Promise<ServiceNowRecord> {
    const doing = 'changing the record';
    const answer = await this.send(connection, 'PATCH', tableOf(connection, id), columns);
    return readAs(must(answer, 200, doing), z.object({ result: record }), doing).result;
  }
}

function headersOf(credential: ServiceNowCredential): Record<string, string> {
  if ('username' in credential) return { authorization: basic(credential.username, credential.password) };
  if ('token' in credential) return { authorization: `Bearer ${credential.token}` };
  // https://www.servicenow.com/docs/r/GypxAX2jEErwkCxugICKdg/8C048TsDRxHMypCgBkpOeg
  return { 'x-sn-apikey': credential.apiKey };
}

/** Raw values, in UTC, and sys_ids instead of links. */
function tableOf({ settings }: ServiceNowConnection, id?: string): string {
  if (id !== undefined && !/^[0-9a-f]{32}$/.test(id)) {
    throw new TicketFailure('gone', `"${id.slice(0, 50)}" is no sys_id of ServiceNow's.`);
  }
  const path = id === undefined ? settings.table : `${settings.table}/${id}`;
  return `table/${path}?sysparm_display_value=false&sysparm_exclude_reference_link=true&sysparm_fields=${COLUMNS}`;
}

export function must(answer: TicketAnswer, status: number, doing: string): TicketAnswer {
  if (answer.status === status) return answer;
  const { data } = problem.safeParse(answer.json);
  const said = [data?.error.message, data?.error.detail].filter((text) => typeof text === 'string').join(': ');
  throw failureOf(answer, doing, said === '' ? null : said, meaningOf(answer, said));
}

/** A data policy or a business rule that refuses these values answers 403 like a missing right does. */
function meaningOf(answer: TicketAnswer, said: string): Meant | undefined {
  const writes = answer.request.method !== 'GET';
  if (answer.status === 403 && writes && /Data Policy|Operation Failed|Mandatory/i.test(said))
    return { kind: 'rejected' };
  return undefined;
}

export function serviceNowTicket({ settings }: ServiceNowConnection, found: ServiceNowRecord): RemoteTicket {
  const closed = settings.closedStates.includes(found.state);
  const { states, codes } = settings.wontDo;
  const wontDo = states.includes(found.state) || codes.includes(found.close_code);
  return {
    id: found.sys_id,
    reference: found.number,
    url: `${settings.instance}/nav_to.do?uri=${encodeURIComponent(`${settings.table}.do?sys_id=${found.sys_id}`)}`,
    state: closed ? 'closed' : 'open',
    closedAs: !closed ? null : wontDo ? 'wont-do' : 'done',
    version: Number(found.sys_mod_count),
    changedAt: timeOf(found.sys_updated_on),
  };
}

/** `2026-11-22 13:05:33`, in UTC. */
function timeOf(text: string): Date | null {
  const time = new Date(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(time.getTime()) ? null : time;
}
