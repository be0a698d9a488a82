import fc from 'fast-check';
import { aKey, aPassword, aRole, aUser, credentials, never } from '../../src/scans/test-inventory';
import { checks } from '../../src/findings/checks/index';
import type { BuiltAccount } from '../builders';
import { type Fixture, inTenantOf, startFixture } from './fixture';

jest.setTimeout(120_000);

const PREVIEW = `query ($input: ExemptionPreviewInput!) { exemptionPreview(input: $input) {
  needsSecondPerson findingsCount findings(first: 200) { totalCount nodes { id } } } }`;
const MAKE = 'mutation ($input: ExemptionInput!) { makeExemption(input: $input) { id state } }';
const AGREE = 'mutation ($id: ID!) { agreeToExemption(id: $id) { state } }';
const END = 'mutation ($id: ID!) { endExemption(id: $id) { state } }';
const COUNT = 'query ($id: ID!) { exemption(id: $id) { findingsCount } }';

interface Previewed {
  needsSecondPerson: boolean;
  findingsCount: number;
  findings: { totalCount: number; nodes: { id: string }[] };
}

const NO_LIMITS = { checks: null, kinds: null, accounts: null, organizationalUnits: null };

let at: Fixture;
let other: BuiltAccount;

beforeAll(async () => {
  at = await inTenantOf(await startFixture());
  other = await at.build.account(at.tenant.id, { ouPath: '/Sandbox', tags: {} });
  for (const [index, account] of [at.account, other].entries()) {
    const user = (name: string, path: string, tags: Record<string, string>) =>
      aUser({
        ...{ name, path, tags },
        uniqueId: `AIDA${index}${name.toUpperCase().replace(/[^A-Z]/g, '')}`,
        credentials: credentials({
          password: aPassword({ lastUsed: never }),
          accessKeys: [1, 2].map((slot) =>
            aKey({
              slot,
              lastUsed: never,
              accessKeyId: `AKIA${index}${name.toUpperCase().replace(/[^A-Z]/g, '')}${slot}`,
            }),
          ),
        }),
      });
    const role = (name: string, path: string, tags: Record<string, string>) =>
      aRole({
        ...{ name, path, tags },
        uniqueId: `AROA${index}${name.toUpperCase().replace(/[^A-Z]/g, '')}`,
        lastUsed: never,
      });
    await at.build.inventory(account, {
      at: at.clock.now(),
      users: [
        user('alice', '/', { team: 'data' }),
        user('bob_the%one', '/people/', { team: 'd_ta', 'a%b': 'x' }),
        user('ci-runner', '/ci/', {}),
        aUser({
          name: '<root_account>',
          uniqueId: account.awsAccountId,
          isRoot: true,
          credentials: credentials({ accessKeys: [aKey({ accessKeyId: null })] }),
        }),
      ],
      roles: [
        role('loader', '/ci/', { team: 'data' }),
        role('UpperLoader', '/', { team: '' }),
        role('a_b', '/people/', {}),
      ],
    });
  }
});
afterAll(() => at.app.stop());

const byStatus = async (status: string): Promise<string[]> =>
  (await at.findings({ status: [status] })).map(({ id }) => id).sort();

it('shows exactly the findings that the exemption then spares, whatever it is', async () => {
  const approver = await at.token('approver');
  const pattern = fc.constantFrom(
    '*_*',
    '*',
    '/ci/*',
    '*/loader',
    '/people/?_b',
    '/*_*',
    '/',
    '/?i/*',
    '*oader',
    '/alice',
  );
  const scope = fc.oneof(
    fc.record({
      uniqueId: fc.constantFrom('AIDA0ALICE', 'AROA1LOADER', 'AKIA0ALICE1', 'AKIA1BOBTHEONE2', other.awsAccountId),
    }),
    fc.record({ glob: pattern }),
    fc.record({
      tag: fc.record({
        key: fc.constantFrom('team', 'a%b', 'a_b'),
        value: fc.option(fc.constantFrom('data', 'd?ta', 'd_ta', 'd%', '*', 'D*')),
      }),
    }),
    fc.record({ awsAccountId: fc.constantFrom(at.account.awsAccountId, other.awsAccountId) }),
  );
  const some = <T>(...values: T[]) => fc.option(fc.subarray(values, { minLength: 1 }));
  const limits = fc.record({
    checks: some(...checks.map(({ id }) => id)),
    kinds: some('USER', 'ROLE', 'PASSWORD', 'ACCESS_KEY'),
    accounts: some(at.account.awsAccountId, other.awsAccountId),
    organizationalUnits: some('/', '/Workloads', '/Sandbox/', '/Work'),
  });
  let spared = 0;
  await fc.assert(
    fc.asyncProperty(scope, limits, async (given, { accounts, organizationalUnits, ...rest }) => {
      const places = 'glob' in given || 'tag' in given ? { accounts, organizationalUnits } : {};
      const wanted = { scope: given, ...rest, ...places };
      const { exemptionPreview: preview } = await at.app.get<{ exemptionPreview: Previewed }>(
        at.tenant.token,
        PREVIEW,
        {
          input: wanted,
        },
      );
      const input = { ...wanted, reason: 'tried', owner: 'Somebody' };
      const { makeExemption } = await at.app.get<{ makeExemption: { id: string; state: string } }>(
        at.tenant.token,
        MAKE,
        {
          input,
        },
      );
      const { id, state } = makeExemption;
      expect(state === 'PENDING').toBe(preview.needsSecondPerson);
      if (state === 'PENDING') await at.app.get(approver, AGREE, { id });
      await at.settle();
      const exempt = await byStatus('EXEMPT');
      expect(preview.findings.nodes.map((node) => node.id).sort()).toEqual(exempt);
      expect([preview.findingsCount, preview.findings.totalCount]).toEqual([exempt.length, exempt.length]);
      const counted = await at.app.get<{ exemption: { findingsCount: number } }>(at.tenant.token, COUNT, { id });
      expect(counted.exemption.findingsCount).toBe(exempt.length);
      await at.app.get(at.tenant.token, END, { id });
      await at.settle();
      expect(await byStatus('EXEMPT')).toEqual([]);
      spared += exempt.length;
    }),
    {
      numRuns: 25,
      // What LIKE would take for wildcards.
      examples: [
        [{ glob: '*_*' }, NO_LIMITS],
        [{ tag: { key: 'team', value: 'd_ta' } }, NO_LIMITS],
      ],
    },
  );
  expect(spared).toBeGreaterThan(10);
});
