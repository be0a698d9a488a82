import type { Verdict } from './check';
import type { Annotated } from './annotate';
import { annotation, configStatus } from './annotate';
import { AT, daysAgo, never, used } from './test-subjects';

const role = { kind: 'role', lastUsed: never, bornAt: daysAgo(500), idleDays: 60 } as const;
const flagged: Verdict = { state: 'non-compliant', why: '', idleSince: null, idleAtLeast: false };
const fine: Verdict = { state: 'compliant', why: '' };

test.each<[string, Verdict, Annotated, string]>([
  ['whitelisted', { ...flagged, state: 'exempt', reason: '' }, role, 'Role is whitelisted'],
  ['young', fine, { ...role, bornAt: daysAgo(12) }, 'Role age is 12 days'],
  ['young though used', fine, { ...role, bornAt: daysAgo(12), lastUsed: used(2) }, 'Role age is 12 days'],
  ['never used', flagged, role, 'No record of usage'],
  ['idle', flagged, { ...role, lastUsed: used(70, 'eu-west-1') }, 'Was used 70 days ago in eu-west-1'],
  ['in use', fine, { ...role, lastUsed: used(3, 'us-east-1') }, 'Was used 3 days ago in us-east-1'],
  ['in a global service', fine, { ...role, lastUsed: used(3, null) }, 'Was used 3 days ago'],
  ['unread', { state: 'unknown', cause: 'unread', reason: 'Denied.' }, role, 'Unknown: Denied.'],
  ['of another kind', fine, { ...role, kind: 'access-key', bornAt: daysAgo(1) } as const, 'Access key age is 1 days'],
])('%s', (_, verdict, identity, text) => {
  expect(annotation(verdict, identity, AT)).toBe(text);
});

test('days are counted when the annotation is made', () => {
  const later = new Date(AT.getTime() + 86_400_000);
  expect(annotation(flagged, { ...role, lastUsed: used(70, 'eu-west-1') }, later)).toContain('71 days ago');
});

test('states as AWS Config names them: exempt complies, unknown is not compliance', () => {
  expect((['compliant', 'exempt', 'non-compliant', 'unknown'] as const).map(configStatus)).toEqual([
    'COMPLIANT',
    'COMPLIANT',
    'NON_COMPLIANT',
    'INSUFFICIENT_DATA',
  ]);
});
