import { request } from 'node:http';
import { encodeId } from '../../src/api-id';
import { LIMITS } from '../../src/graphql/core/limits';
import { newId } from '../../src/ids';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;
let platform: string;

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  tenant = await build.tenant();
  platform = await build.platformToken();
  await build.account(tenant.id);
});
afterAll(() => app.stop());

interface Refusal {
  readonly code: unknown;
  readonly message: string | undefined;
}

async function refusal(query: string, token = tenant.token, variables = {}): Promise<Refusal> {
  const { errors } = await app.ask(token, query, variables);
  return { code: errors[0]?.extensions?.['code'], message: errors[0]?.message };
}

describe('bad input', () => {
  it.each([
    [
      'a malformed ARN',
      'mutation { registerAccount(awsAccountId: "111111111111", name: "x", roleArn: "arn:aws:iam") { id } }',
      /roleArn/,
    ],
    [
      'a foreign partition',
      'mutation { registerAccount(awsAccountId: "111111111111", name: "x", partition: "aws-mars") { id } }',
      /partition|aws-mars/,
    ],
    [
      'a role of another account',
      'mutation { registerAccount(awsAccountId: "111111111111", name: "x", roleArn: "arn:aws:iam::222222222222:role/r") { id } }',
      /222222222222|account/,
    ],
    ['a malformed account id', 'mutation { registerAccount(awsAccountId: "12", name: "x") { id } }', /awsAccountId/],
    ['an empty name', 'mutation { registerAccount(awsAccountId: "111111111111", name: " ") { id } }', /name/],
    ['negative days', '{ findings(filter: { idleDaysAtLeast: -1 }) { totalCount nodes { id } } }', /idleDaysAtLeast/],
    [
      'negative days of idleness',
      '{ identities(filter: { lastUsed: { olderThanDays: -5, includeNeverUsed: true } }) { nodes { id } } }',
      /olderThanDays/,
    ],
    [
      'silence on what was never used',
      '{ identities(filter: { lastUsed: { olderThanDays: 90 } }) { nodes { id } } }',
      /includeNeverUsed/,
    ],
    ['an empty list', '{ findings(filter: { severity: [] }) { nodes { id } } }', /severity/],
    ['an empty list of accounts', '{ accounts(filter: { awsAccountIds: [] }) { nodes { id } } }', /awsAccountIds/],
    [
      'a check that does not exist',
      '{ findings(filter: { check: "unused-key" }) { nodes { id } } }',
      /unused-access-key/,
    ],
    ['a path that is none', '{ accounts(filter: { ouPath: "Workloads" }) { nodes { id } } }', /ouPath/],
    ['text that is no id', '{ finding(id: "1") { id } }', /^id:/],
    ['a text with a zero byte', '{ lookup(text: "a\\u0000b") { id } }', /./],
    ['too many groups', '{ findingGroups(by: CHECK, first: 5000) { totalMatched } }', /first/],
    ['a sweep over nothing', 'mutation { startSweep(filter: { awsAccountIds: ["999999999999"] }) { id } }', /filter/],
    ['a schedule that is none', 'mutation { setSchedule(cron: "often") { cron } }', /cron/],
    ['a time zone that is none', 'mutation { setSchedule(cron: "0 3 * * *", timezone: "Mars/Base") { cron } }', /Mars/],
    [
      'a setting that is none',
      'mutation { setPolicy(settings: { whitelist: "x" }) { version } }',
      /whitelist: there is no such setting/,
    ],
    [
      'an idempotency key without end',
      `mutation { startSweep(idempotencyKey: "${'x'.repeat(201)}") { id } }`,
      /idempotencyKey/,
    ],
  ])('is BAD_INPUT with a sentence that names it: %s', async (_what, query, sentence) => {
    const { code, message } = await refusal(query);
    expect({ code, message }).toEqual({ code: 'BAD_INPUT', message: expect.stringMatching(sentence) as string });
  });

  it('of the wrong kind of id says which is wanted', async () => {
    const id = encodeId('Account', tenant.id, newId());
    expect(await refusal(`{ finding(id: "${id}") { id } }`)).toEqual({
      code: 'BAD_INPUT',
      message: "id: this is the id of an Account; a Finding's is wanted.",
    });
  });

  it('leaves nothing half done', async () => {
    const rules = { t: tenant.apiId, o: encodeId('Organization', tenant.id, newId()) };
    const assign =
      'mutation ($t: ID!, $o: ID) { assignAccounts(tenant: $t, organization: $o, ouPath: "/A") { moved } }';
    expect((await refusal(assign, platform, rules)).code).toBe('NOT_FOUND');
    const both = 'mutation ($t: ID!) { assignAccounts(tenant: $t, ouPath: "/A", accountIds: []) { moved } }';
    expect((await refusal(both, platform, rules)).code).toBe('BAD_INPUT');
    await refusal('mutation { setPolicy(settings: { checks: { nothing: {} } }) { version } }');
    expect(await app.get(tenant.token, '{ policy { version } }')).toEqual({ policy: { version: 0 } });
  });

  it('of settings with variables inside is refused, since they would be left out', async () => {
    const query = 'mutation ($days: JSON) { setPolicy(settings: { checks: { unused: $days } }) { version } }';
    expect(await refusal(query, tenant.token, { days: 1 })).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('one variable') as string,
    });
  });

  it('of a date is refused before anything runs', async () => {
    const { message, code } = await refusal(
      'mutation { createToken(name: "x", role: VIEWER, expiresAt: "soon") { secret } }',
    );
    expect([code, message]).toEqual(['BAD_INPUT', expect.stringContaining('DateTime')]);
  });
});

describe('a request', () => {
  it('of 10 MB is refused with what to do, and status 413', async () => {
    const { status, body } = await post(`{"query":"{ __typename } #${'x'.repeat(10_000_000)}"}`);
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({
      errors: [{ message: expect.stringContaining('1 MB') as string, extensions: { code: 'REQUEST_TOO_LARGE' } }],
    });
  });

  it.each([
    [
      'deep',
      () =>
        `{ findings { nodes { ${'identity { findings { '.repeat(LIMITS.depth)} id ${'} }'.repeat(LIMITS.depth)} } } }`,
    ],
    [
      'costly',
      () =>
        `{ ${Array.from({ length: 20 }, (_, n) => `f${n}: findings(first: 200) { nodes { id why account { name tags { key } lastScan { reason } } identity { name arn tags { key } findings { id why } } history { at what } } }`).join(' ')} }`,
    ],
    [
      'full of aliases',
      () => `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, n) => `a${n}: checks { id }`).join(' ')} }`,
    ],
    ['full of directives', () => `{ __typename ${'@include(if: true) '.repeat(LIMITS.directives + 1)} }`],
    ['long', () => `{ ${'__typename '.repeat(LIMITS.tokens + 1)} }`],
  ])('that is too %s is refused', async (_what, query) => {
    const { data, errors } = await app.ask(tenant.token, query());
    expect(data ?? null).toBeNull();
    expect(errors[0]?.message).toMatch(/limit/i);
  });

  it('tells no names that it was not asked for', async () => {
    expect((await refusal('{ finding { why } findingz { id } }')).message).not.toContain('findings');
  });

  it('never shows a stack', async () => {
    const { errors } = await app.ask(tenant.token, '{ findings(first: 0) { totalCount } }');
    expect(JSON.stringify(errors)).not.toMatch(/node_modules|\.ts:|stack/);
  });
});

/** fetch would not read an answer that comes while it still writes. */
function post(body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      app.graphqlUrl,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
