import fc from 'fast-check';
import type { AccountFacts } from '../account-facts';
import { takesAccount, takesEveryone, takesPrincipal } from './policy-scope';
import { EVERYTHING, type PolicyScope, resolveScope } from './documents/scope-fields';
import { scopeWritten } from './documents/test-documents';

const account: AccountFacts = {
  id: '1',
  awsAccountId: '123456789012',
  partition: 'aws',
  name: 'payments-prod',
  ouPath: '/Workloads/Prod',
  tags: { stage: 'prod', team: 'payments' },
};
const principal = { path: '/ci/build/', name: 'ci-deploy', tags: { team: 'platform', empty: '' } };
const scope = (part: Partial<PolicyScope>): PolicyScope => ({ ...EVERYTHING, ...part });

test.each<[Partial<PolicyScope>, boolean]>([
  [{}, true],
  [{ accounts: ['123456789012'] }, true],
  [{ accounts: ['210987654321'] }, false],
  [{ accounts: ['payments-*'] }, true],
  [{ accounts: ['Payments-*'] }, false],
  [{ accounts: ['x', 'payments-prod'] }, true],
  [{ organizationalUnits: ['/Workloads/Prod'] }, true],
  [{ organizationalUnits: ['/Workloads'] }, true],
  [{ organizationalUnits: ['/Workloads/'] }, true],
  [{ organizationalUnits: ['/Work'] }, false],
  [{ organizationalUnits: ['/'] }, true],
  [{ organizationalUnits: ['/Workloads/Prod/EU'] }, false],
  [{ accountTags: { stage: ['prod'] } }, true],
  [{ accountTags: { stage: ['pr*', 'x'], team: ['*'] } }, true],
  [{ accountTags: { stage: ['prod'], owner: ['*'] } }, false],
  [{ accountTags: { Stage: ['prod'] } }, false],
  [{ accounts: ['payments-*'], organizationalUnits: ['/Sandbox'] }, false],
  // What it says of identities is not asked of the account.
  [{ names: ['nobody'] }, true],
])('of the account: %j → %s', (part, taken) => {
  expect(takesAccount(scope(part), account)).toBe(taken);
});

test('an account outside of every organization is in no organizational unit', () => {
  expect(takesAccount(scope({ organizationalUnits: ['/'] }), { ...account, ouPath: null })).toBe(false);
  expect(takesAccount(scope({ organizationalUnits: ['/'] }), { ...account, ouPath: '/' })).toBe(true);
  expect(takesAccount(scope({ organizationalUnits: ['/Workloads'] }), { ...account, ouPath: '/' })).toBe(false);
});

test.each<[Partial<PolicyScope>, boolean]>([
  [{}, true],
  [{ paths: ['/ci/*'] }, true],
  [{ paths: ['/ci/'] }, false],
  [{ names: ['ci-*'] }, true],
  [{ names: ['ci-?'] }, false],
  [{ paths: ['/ci/*'], names: ['jenkins'] }, false],
  [{ identityTags: { team: ['plat*'] } }, true],
  [{ identityTags: { empty: ['*'] } }, true],
  [{ identityTags: { empty: [''] } }, true],
  [{ identityTags: { nothing: ['*'] } }, false],
  [{ identityTags: { constructor: ['*'] } }, false],
])('of the identity: %j → %s', (part, taken) => {
  expect(takesPrincipal(scope(part), principal)).toBe(taken);
});

test('a scope that takes everyone of an account takes each of them', () => {
  const names = fc.string({ maxLength: 5 });
  fc.assert(
    fc.property(scopeWritten, names, (written, name) => {
      const resolved = resolveScope(written);
      if (takesEveryone(resolved)) expect(takesPrincipal(resolved, { path: '/', name, tags: {} })).toBe(true);
      const { identityTags, paths, names: patterns } = resolved;
      const asksNothing = paths.length + patterns.length + Object.keys(identityTags).length === 0;
      expect(takesEveryone(resolved)).toBe(asksNothing);
    }),
  );
});
