import { startTestApp, type TestApp } from '../harness/app';

let app: TestApp;
afterEach(() => app.stop());

const page = async (): Promise<string> => (await fetch(app.graphqlUrl, { headers: { accept: 'text/html' } })).text();

describe('what the settings switch off', () => {
  it('is there by default: introspection and the explorer', async () => {
    app = await startTestApp({ config: { explorer: true } });
    expect((await app.ask(null, '{ __schema { queryType { name } } }')).errors).toEqual([]);
    expect(await page()).toContain('Mothball');
  });

  it('is gone afterwards', async () => {
    app = await startTestApp({ config: { explorer: false, introspection: false } });
    const { errors } = await app.ask(null, '{ __schema { queryType { name } } }');
    expect(errors[0]?.message).toMatch(/introspection/i);
    expect((await app.ask(null, '{ __typename }')).errors).toEqual([]);
    expect(await page()).not.toContain('<script');
  });
});
