import { createHmac, randomBytes } from 'node:crypto';
import { FakeServer, type FakeAnswer, type FakeRequest } from './fake-server';

export interface FakeServiceNowOptions {
  /** Columns that the account may not write: they are left out in silence. */
  readonly readOnly?: readonly string[];
  /** Columns that a data policy wants when a record is created. */
  readonly mandatory?: readonly string[];
  readonly now?: () => Date;
}

export type FakeRecord = Record<string, string>;

const COLUMNS = [
  ...['short_description', 'description', 'correlation_id', 'correlation_display', 'urgency', 'impact', 'state'],
  ...['assignment_group', 'close_code', 'close_notes', 'work_notes', 'category', 'u_team'],
];
const PARAMETERS = [
  'sysparm_display_value',
  'sysparm_exclude_reference_link',
  'sysparm_fields',
  'sysparm_limit',
  'sysparm_query',
];

/**
 * ServiceNow's Table API on the table "incident":
 * https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html
 * Stricter than the real one where that is silent about mistakes: an unknown column is refused.
 */
export class FakeServiceNow extends FakeServer {
  readonly username = 'mothball';
  readonly password = 'practice-password';
  readonly group = 'd625dccec0a8016700a222a0f7900d06';
  readonly records: FakeRecord[] = [];
  readonly notes = new Map<string, string[]>();
  /** Requests that are still taken before it says 429. */
  allowance = Infinity;
  forbidden = false;

  constructor(private readonly options: FakeServiceNowOptions = {}) {
    super(options.now);
  }

  record(id: string): FakeRecord {
    const found = this.records.find(({ sys_id }) => sys_id === id);
    if (found === undefined) throw new Error(`No record ${id}.`);
    return found;
  }

  /** What people do on the form. */
  edit(id: string, values: FakeRecord): void {
    this.write(this.record(id), values);
  }

  remove(id: string): void {
    this.records.splice(this.records.indexOf(this.record(id)), 1);
  }

  /** As the business rule of docs/tickets/servicenow.md sends it. */
  message(id: string, secret: string) {
    const record = this.record(id);
    const content = {
      id: randomBytes(16).toString('hex'),
      at: this.now().getTime(),
      sys_id: id,
      number: record.number,
    };
    const body = Buffer.from(JSON.stringify(content));
    const mac = createHmac('sha256', secret).update(body).digest('base64');
    return { headers: { 'x-mothball-signature': `v1=${mac}` }, body };
  }

  protected handle(request: FakeRequest): FakeAnswer {
    const { method, path, query, headers } = request;
    const wanted = `Basic ${Buffer.from(`${this.username}:${this.password}`).toString('base64')}`;
    if (headers.authorization !== wanted)
      return problem(401, 'User Not Authenticated', 'Required to provide Auth information');
    if (this.allowance-- <= 0) {
      // https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/inbound-REST-API-rate-limiting.html
      return {
        ...problem(429, 'Rate limit exceeded', 'Rejected'),
        headers: { 'retry-after': '1800', 'x-ratelimit-limit': '600' },
      };
    }
    const stray = [...query.keys()].find((name) => !PARAMETERS.includes(name));
    if (stray !== undefined) return problem(400, 'Invalid parameter', stray);
    const [, table, id] = /^\/api\/now\/table\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
    if (table === 'sys_user_group')
      return id === this.group ? { status: 200, json: { result: { name: 'Cloud' } } } : notFound;
    if (table !== 'incident') return problem(400, `Invalid table ${table}`, null);
    if (this.forbidden) return problem(403, 'User Not Authorized', 'Failed API level ACL Validation');
    if (id === undefined) return method === 'GET' ? this.list(query) : this.create(request);
    const record = this.records.find(({ sys_id }) => sys_id === id);
    if (record === undefined) return notFound;
    return method === 'GET' ? this.shown(200, record, query) : this.patch(record, request);
  }

  private create({ json, query, method }: FakeRequest): FakeAnswer {
    const wrong = method === 'POST' ? wrongColumns(json) : 'method';
    if (wrong !== null) return problem(400, 'Invalid request', wrong);
    const given = json as FakeRecord;
    const missing = (this.options.mandatory ?? []).filter((name) => (given[name] ?? '') === '');
    if (missing.length > 0) return policy(missing);
    const record: FakeRecord = {
      sys_id: randomBytes(16).toString('hex'),
      number: `INC${String(this.records.length + 1).padStart(7, '0')}`,
      state: '1',
      sys_mod_count: '-1',
      close_code: '',
    };
    this.records.push(record);
    this.write(record, this.writable(given));
    return this.shown(201, record, query);
  }

  private patch(record: FakeRecord, { method, json, query }: FakeRequest): FakeAnswer {
    const wrong = method === 'PATCH' ? wrongColumns(json) : 'method';
    if (wrong !== null) return problem(400, 'Invalid request', wrong);
    const given = json as FakeRecord;
    // Resolving asks for how, as delivered; what is closed or cancelled stays so.
    if (given.state === '6') {
      const missing = ['close_code', 'close_notes'].filter((name) => (given[name] ?? '') === '');
      if (missing.length > 0) return policy(missing);
    }
    if (['7', '8'].includes(record.state ?? '') && given.state !== undefined) {
      return problem(403, 'Operation Failed', 'Operation against file incident was aborted by Business Rule');
    }
    this.write(record, this.writable(given));
    return this.shown(200, record, query);
  }

  private writable(given: FakeRecord): FakeRecord {
    return Object.fromEntries(Object.entries(given).filter(([name]) => this.options.readOnly?.includes(name) !== true));
  }

  private write(record: FakeRecord, { work_notes: note, ...values }: FakeRecord): void {
    if (note !== undefined) this.notes.set(record.sys_id ?? '', [...(this.notes.get(record.sys_id ?? '') ?? []), note]);
    const { description, short_description: title } = values;
    // What is longer than its column is cut.
    Object.assign(record, values, {
      ...(description === undefined ? {} : { description: description.slice(0, 4_000) }),
      ...(title === undefined ? {} : { short_description: title.slice(0, 160) }),
      sys_mod_count: String(Number(record.sys_mod_count) + 1),
      sys_updated_on: this.now().toISOString().slice(0, 19).replace('T', ' '),
    });
  }

  private list(query: URLSearchParams): FakeAnswer {
    const wanted = (query.get('sysparm_query') ?? '').split('^').filter((part) => !part.startsWith('ORDERBY'));
    const conditions = wanted.map((part) => /^([a-z_]+)=([\w -]+)$/.exec(part));
    if (conditions.includes(null)) return problem(400, 'Invalid query', query.get('sysparm_query'));
    const found = this.records.filter((record) =>
      conditions.every((condition) => record[condition?.[1] ?? ''] === condition?.[2]),
    );
    const some = found.slice(0, Number(query.get('sysparm_limit') ?? 10_000));
    return { status: 200, json: { result: some.map((record) => columnsOf(record, query)) } };
  }

  private shown(status: number, record: FakeRecord, query: URLSearchParams): FakeAnswer {
    return { status, json: { result: columnsOf(record, query) } };
  }
}

/** Only what was asked for; with raw values, everything is text. */
function columnsOf(record: FakeRecord, query: URLSearchParams): FakeRecord {
  const names = query.get('sysparm_fields')?.split(',') ?? Object.keys(record);
  return Object.fromEntries(names.map((name) => [name, record[name] ?? '']));
}

function wrongColumns(json: unknown): string | null {
  if (typeof json !== 'object' || json === null) return 'body';
  const wrong = Object.entries(json).find(([name, value]) => !COLUMNS.includes(name) || typeof value !== 'string');
  return wrong?.[0] ?? null;
}

const problem = (status: number, message: string, detail: string | null): FakeAnswer => ({
  status,
  json: { error: { message, detail }, status: 'failure' },
});
const notFound = problem(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");
const policy = (missing: readonly string[]): FakeAnswer =>
  problem(403, 'Operation Failed', `Data Policy Exception: The following fields are mandatory: ${missing.join(', ')}`);
