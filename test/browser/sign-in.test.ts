import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Builders, builders } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { SIGN_IN } from '../harness/database';

const CHROMIUM = process.env['MOTHBALL_TEST_CHROMIUM'];
/** Skipped, and said so, on a machine without a browser. */
const withBrowser = CHROMIUM === undefined ? describe.skip : describe;

jest.setTimeout(120_000);

interface LocalIssuer {
  readonly issuer: string;
  readonly settings: object;
  readonly child: ChildProcess;
}

/** The demo's issuer, as `npm run issuer` runs it. */
function startLocalIssuer(): Promise<LocalIssuer> {
  const child = spawn(process.execPath, [join(__dirname, '../../scripts/issuer.mjs'), '--json', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) resolve({ ...(JSON.parse(text) as Omit<LocalIssuer, 'child'>), child });
    });
    child.once('exit', (code) => reject(new Error(`The issuer ended with ${code}.`)));
  });
}

withBrowser('a person with Chromium', () => {
  let issuer: LocalIssuer;
  let app: TestApp;
  let build: Builders;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    issuer = await startLocalIssuer();
    app = await startTestApp({
      config: { explorer: true, signIn: { ...SIGN_IN, oidc: JSON.stringify(issuer.settings) } },
    });
    build = builders(app.app);
    await build.tenant('Product Engineering');
    await build.tenant('Cloud Platform');
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    const ended = new Promise((resolve) => issuer?.child.once('exit', resolve));
    issuer?.child.kill();
    await ended;
  });
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
    complaints.length = 0;
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(() => page.context().close());

  const shot = async (name: string): Promise<void> => {
    const folder = process.env['SCREENSHOTS'];
    if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
  };
  const signInAs = async (name: string): Promise<void> => {
    await page.getByRole('link', { name: /^Sign in with/ }).click();
    await page.getByRole('button', { name }).click();
    await page.waitForURL((url) => url.origin === app.url);
  };

  it('signs in, sees the page, asks in the explorer, and signs out', async () => {
    await page.goto(app.url);
    await shot('signed-out');
    await page.getByRole('link', { name: /^Sign in with/ }).click();
    await shot('issuer');
    await page.getByRole('button', { name: 'Bob Baker' }).click();
    await page.waitForURL(`${app.url}/`);
    await shot('signed-in');
    expect(await page.getByText('bob@example.com').count()).toBe(1);
    expect(await page.getByText('Product Engineering').count()).toBe(1);
    const cookie = (await page.context().cookies()).find(({ name }) => name === 'mothball');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });

    await page.getByRole('link', { name: 'Open the explorer' }).click();
    await page.locator('.graphiql-query-editor .monaco-editor, .graphiql-query-editor .CodeMirror').first().waitFor();
    await page.goto(`${app.graphqlUrl}?query=${encodeURIComponent('{ viewer { name role tenant { name } } }')}`);
    await page.getByRole('button', { name: /Execute query/ }).click();
    await page.getByText('Bob Baker').first().waitFor();
    await shot('explorer');

    await page.goto(app.url);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: /^Sign in with/ }).waitFor();
    // With whatever cookies the browser still has.
    const answer = await page.request.post(app.graphqlUrl, {
      headers: { origin: app.url },
      data: { query: '{ viewer { name } }' },
    });
    expect(answer.status()).toBe(401);
    expect(complaints).toEqual([]);
  });

  it('comes in by an invitation, signing in on the way', async () => {
    const tenant = await build.tenant('By Invitation');
    const { createInvitation } = await app.get<{ createInvitation: { secret: string } }>(
      tenant.token,
      'mutation { createInvitation(role: AUDITOR, email: "erin@example.com") { secret } }',
    );
    await page.goto(`${app.url}/invitation?code=${createInvitation.secret}`);
    await signInAs('Erin Eriksen');
    await shot('invitation');
    await page.getByRole('button', { name: 'Accept as Erin Eriksen' }).click();
    await page.waitForURL(`${app.url}/`);
    expect(await page.getByText('By Invitation').count()).toBe(1);
    expect(await page.getByText('auditor').count()).toBe(1);
    await page.goto(`${app.url}/invitation?code=${createInvitation.secret}`);
    expect(await page.getByRole('alert').textContent()).toMatch(/accepted already/);
    await shot('problem');
  });

  it('of two tenants is told how to choose', async () => {
    await page.goto(app.url);
    await signInAs('Dave Diallo');
    expect(await page.getByText('Mothball-Tenant').count()).toBe(1);
    await shot('two-tenants');
  });

  it('is not sent anywhere by another site’s form', async () => {
    await page.goto(app.url);
    await signInAs('Bob Baker');
    // The issuer's page stands for another site: another origin, the same browser.
    await page.goto(`${issuer.issuer}/.well-known/openid-configuration`);
    await page.setContent(`<form method="post" action="${app.url}/auth/sign-out"><button>Win</button></form>`);
    await page.getByRole('button', { name: 'Win' }).click();
    expect(await page.getByRole('alert').textContent()).toMatch(/was not sent by a page of this service/);
    await page.goto(app.url);
    expect(await page.getByText('bob@example.com').count()).toBe(1);
  });
});
