import { PoliciesService } from '../../src/findings/policies/policies.service';
import { parsePolicyDocument } from '../../src/findings/policies/documents/policy-document';
import { builders, type Builders } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

jest.setTimeout(60_000);

let app: TestApp;
let build: Builders;

// Nothing is carried out here: what is to be scanned is in the sweep.
beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
});
afterAll(() => app.stop());

const RUN = `mutation ($id: ID!) { runPolicyNow(id: $id) { scans { nodes { account { name } } } } }`;

test('a policy that is run now has the accounts scanned in which it decides, and no others', async () => {
  const tenant = await build.tenant();
  for (const name of ['prod-1', 'prod-2', 'sandbox-1']) await build.account(tenant.id, { name });
  await build.account(tenant.id, { name: 'prod-pending', status: 'pending' });
  const documents = [
    { name: 'prod-1-first', scope: { accounts: ['prod-1'] } },
    { name: 'prod', scope: { accounts: ['prod-*'], names: ['ci-*'] } },
    { name: 'nothing', scope: { accounts: ['gone'] } },
    { name: 'waits', action: { mode: 'automatic-quarantine' } },
  ].map((one) => parsePolicyDocument({ apiVersion: 'mothball/v1', kind: 'Policy', ...one }));
  await build.database.inTenant(tenant.id, (manager) =>
    app.app
      .get(PoliciesService, { strict: false })
      .apply(manager, tenant.id, { documents, mode: 'REPLACE' }, { name: 'test', standsFor: 'test' }),
  );
  const { policies } = await app.get<{ policies: { nodes: { id: string; name: string }[] } }>(
    tenant.token,
    '{ policies { nodes { id name } } }',
  );
  const idOf = (name: string): string => policies.nodes.find((policy) => policy.name === name)?.id ?? '';
  const scanned = async (name: string): Promise<string[]> => {
    const { runPolicyNow } = await app.get<{
      runPolicyNow: { scans: { nodes: { account: { name: string } }[] } };
    }>(tenant.token, RUN, { id: idOf(name) });
    return runPolicyNow.scans.nodes.map(({ account }) => account.name).sort();
  };
  expect(await scanned('prod-1-first')).toEqual(['prod-1']);
  // In prod-1 the policy before it has everything.
  expect(await scanned('prod')).toEqual(['prod-2']);
  const refusal = async (name: string): Promise<unknown> =>
    (await app.ask(tenant.token, RUN, { id: idOf(name) })).errors[0]?.extensions?.['code'];
  expect(await refusal('nothing')).toBe('BAD_INPUT');
  // Nobody has agreed to it yet.
  expect(await refusal('waits')).toBe('NOT_FOUND');
  const viewer = await build.token(tenant.id, 'viewer');
  expect((await app.ask(viewer, RUN, { id: idOf('prod') })).errors[0]?.extensions?.['code']).toBe('FORBIDDEN');
});
