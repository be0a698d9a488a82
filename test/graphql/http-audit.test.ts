import { serverAudits } from 'graphql-http';
import { startTestApp, type TestApp } from '../harness/app';

let app: TestApp;
beforeAll(async () => void (app = await startTestApp()));
afterAll(() => app.stop());

const audits = serverAudits({ url: () => app.graphqlUrl });

describe('GraphQL over HTTP, as graphql-http audits it', () => {
  it('has audits of every strength', () => {
    for (const strength of ['MUST', 'SHOULD']) {
      expect(audits.filter(({ name }) => name.startsWith(strength)).length).toBeGreaterThan(10);
    }
  });

  it.each(
    audits.filter(({ name }) => /^(MUST|SHOULD)/.test(name)).map((audit) => [audit.id, audit.name, audit] as const),
  )('%s %s', async (_id, _name, audit) => {
    const result = await audit.fn();
    if (result.status !== 'ok') throw new Error(`${result.status}: ${result.reason}`);
  });
});
