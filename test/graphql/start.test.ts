import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createTestDatabase, TEST_KEYS, type TestDatabase } from '../harness/database';

/** Compiled by `npm test` before it runs. */
const MAIN = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
const NOBODY = 'postgres://mothball_app:x@127.0.0.1:9/none';

let database: TestDatabase;
beforeAll(async () => {
  expect(existsSync(MAIN)).toBe(true);
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const environment = (changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  AWS_EC2_METADATA_DISABLED: 'true',
  // Nobody is there: a worker then starts all the same.
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'none',
  MOTHBALL_PORT: '0',
  MOTHBALL_LOG_LEVEL: 'info',
  MOTHBALL_QUEUE_PREFIX: 'start-test',
  MOTHBALL_APP_DATABASE_URL: database.urls.app,
  MOTHBALL_DISPATCHER_DATABASE_URL: database.urls.dispatcher,
  MOTHBALL_PLATFORM_DATABASE_URL: database.urls.platform,
  MOTHBALL_QUEUE_DATABASE_URL: database.urls.queue,
  MOTHBALL_ENCRYPTION_KEYS: TEST_KEYS,
  ...changes,
});

function start(env: NodeJS.ProcessEnv, ...args: string[]) {
  const child = fork(MAIN, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { child, output: () => output, ended: once(child, 'close') as Promise<[number | null, string | null]> };
}

describe('a start that cannot succeed ends with a sentence and a status that is not 0', () => {
  const wrongPassword = (url: string): string => Object.assign(new URL(url), { password: 'wrong' }).href;
  const all = (url: (login: 'app' | 'dispatcher' | 'platform' | 'queue') => string): NodeJS.ProcessEnv => ({
    MOTHBALL_APP_DATABASE_URL: url('app'),
    MOTHBALL_DISPATCHER_DATABASE_URL: url('dispatcher'),
    MOTHBALL_PLATFORM_DATABASE_URL: url('platform'),
    MOTHBALL_QUEUE_DATABASE_URL: url('queue'),
  });

  it.each<[string, () => NodeJS.ProcessEnv, string[], RegExp]>([
    ['an unknown MOTHBALL_* variable', () => ({ MOTHBALL_LOGLEVEL: 'info' }), [], /MOTHBALL_LOGLEVEL: no such setting/],
    [
      'no key for secrets',
      () => ({ MOTHBALL_ENCRYPTION_KEYS: undefined }),
      [],
      /MOTHBALL_ENCRYPTION_KEYS: .*openssl rand/,
    ],
    [
      'a malformed key',
      () => ({ MOTHBALL_ENCRYPTION_KEYS: 'a:short' }),
      [],
      /MOTHBALL_ENCRYPTION_KEYS: key 1 .*32 bytes/,
    ],
    ['an unknown role', () => ({}), ['--role', 'boss'], /MOTHBALL_ROLE/],
    ['an unknown option', () => ({}), ['--rule', 'api'], /--rule/],
    ['an unreachable database', () => all(() => NOBODY), [], /database cannot be reached.*Check DATABASE_URL/],
    [
      'a wrong password',
      () => all((login) => wrongPassword(database.urls[login])),
      [],
      /refused the login|cannot be reached/,
    ],
    [
      'no AWS credentials, in a role that needs them',
      () => ({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, HOME: '/nonexistent' }),
      ['--role', 'worker'],
      /no usable AWS credentials.*Set AWS_PROFILE/,
    ],
    ['an unreachable Redis', () => ({ REDIS_URL: 'redis://127.0.0.1:9' }), [], /queue cannot be reached.*REDIS_URL/],
  ])(
    '%s',
    async (_what, changes, args, sentence) => {
      const { ended, output } = start(environment(changes()), ...args);
      const [code] = await ended;
      expect(code).toBe(1);
      expect(output()).toMatch(sentence);
      expect(output()).not.toMatch(/node_modules|mothball_app:x@/);
    },
    60_000,
  );

  const redis = process.env['MOTHBALL_TEST_REDIS_URL'];
  (redis ? it : it.skip)(
    'a wrong Redis password',
    async () => {
      const url = Object.assign(new URL(redis ?? 'redis://x'), { username: 'nobody', password: 'wrong' }).href;
      const { ended, output } = start(environment({ REDIS_URL: url }));
      expect((await ended)[0]).toBe(1);
      expect(output()).toMatch(/queue cannot be reached.*password/);
    },
    60_000,
  );
});

describe('a process that starts', () => {
  it('says when it is ready, prints the first platform token once, and ends when it is asked to', async () => {
    const first = start(environment(), '--role', 'api');
    const [ready] = (await once(first.child, 'message')) as [{ type: string; port: number }];
    expect(ready).toEqual({ type: 'ready', port: expect.any(Number) as number });
    const token = /shown this once: (mothball_\S+)/.exec(first.output())?.[1];
    const answer = await fetch(`http://127.0.0.1:${ready.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { scope role } }' }),
    });
    expect(await answer.json()).toEqual({ data: { viewer: { scope: 'PLATFORM', role: 'ADMIN' } } });
    expect(answer.headers.get('x-powered-by')).toBeNull();
    first.child.kill('SIGTERM');
    await first.ended;

    const second = start(environment({ MOTHBALL_LOG_LEVEL: 'debug' }), '--role', 'api');
    const [again] = (await once(second.child, 'message')) as [{ port: number }];
    await fetch(`http://127.0.0.1:${again.port}/graphql?query=%7Bviewer%7Bname%7D%7D`, {
      headers: { authorization: `Bearer ${token}` },
    });
    // The supervisor goes away.
    const gone = once(second.child, 'exit');
    second.child.disconnect();
    await gone;
    expect(second.output()).not.toMatch(/mothball_[A-Za-z0-9_-]{20}/);
    expect(second.output()).toContain('"url":"/graphql"');
  }, 60_000);

  it('serves health and metrics only in the role worker', async () => {
    const worker = start(environment(), '--role', 'worker');
    const [{ port }] = (await once(worker.child, 'message')) as [{ port: number }];
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    expect((await get('/graphql?query=%7B__typename%7D')).status).toBe(404);
    expect((await get('/health/live')).status).toBe(200);
    expect(await (await get('/health/ready')).json()).toMatchObject({
      status: 'ok',
      info: { database: { status: 'up' }, queue: { status: 'up' } },
    });
    expect(await (await get('/metrics')).text()).toMatch(/^mothball_workers 1$/m);
    worker.child.kill('SIGTERM');
    await worker.ended;
  }, 60_000);
});
