import { closingWords, type LastFinding } from './closing-words';
import { contentOf, titleOf } from './ticket-content';
import { type FindingFacts, hashOf, type TicketFacts } from './ticket-facts';

const finding = (changes: Partial<FindingFacts> = {}): FindingFacts => ({
  ...{ id: 'f1', identityId: 'i1', checkId: 'unused-role', severity: 'medium', why: 'Last used on 2026-01-02.' },
  ...{ kind: 'role', name: 'loader', accountName: 'shop', awsAccountId: '111122223333', owner: 'payments' },
  quarantinedAt: null,
  ...changes,
});
const facts = (findings: FindingFacts[], changes: Partial<TicketFacts> = {}): TicketFacts => ({
  ...{ oneFor: 'owner-and-check', findings, count: findings.length },
  ...changes,
});
const around = { key: 'k', steps: { console: ['Open IAM.', 'Delete it.'], cli: [] }, link: null, follows: null };

describe('what a ticket says', () => {
  it.each([
    ['owner-and-check', 'Roles should be in use: 1 finding of payments'],
    ['finding', 'Roles should be in use: Role loader in shop (111122223333)'],
    ['account', 'shop (111122223333): 1 finding about unused identities'],
  ] as const)('has a title for %s', (oneFor, title) => {
    expect(titleOf(facts([finding()], { oneFor }))).toBe(title);
  });

  it('names its findings, whose they are, what to do, and how many it leaves out', () => {
    const content = contentOf(
      facts([finding({ severity: 'high' }), finding({ id: 'f2', name: 'runner' })], { count: 60 }),
      around,
    );
    expect(content).toMatchObject({ key: 'k', severity: 'high', owner: 'payments', more: 58 });
    expect(content.findings.map(({ title }) => title)).toEqual([
      'Role loader in shop (111122223333)',
      'Role runner in shop (111122223333)',
    ]);
    expect(content.remediation).toEqual([
      'For Role loader in 111122223333; for the others of its kind likewise:',
      'Open IAM.',
      'Delete it.',
    ]);
    expect(content.text.join(' ')).not.toContain('quarantine');
  });

  it('says that something is in quarantine, and stays open', () => {
    const content = contentOf(facts([finding({ quarantinedAt: '2026-03-04T05:06:07.000Z' })]), around);
    expect(content.text.join(' ')).toContain('One of them is in quarantine');
    expect(content.findings[0]?.why).toContain('In quarantine since 2026-03-04');
  });

  it('names no owner where there are several', () => {
    expect(contentOf(facts([finding(), finding({ owner: 'search' })]), around).owner).toBeNull();
  });

  it('is the same text for the same facts, and another hash for others', () => {
    expect(hashOf(facts([finding()]))).toBe(hashOf(facts([finding()])));
    const others = [
      facts([finding({ why: 'Never used.' })]),
      facts([finding({ owner: null })]),
      facts([finding({ quarantinedAt: '2026-03-04T05:06:07.000Z' })]),
      facts([finding()], { count: 2 }),
    ];
    expect(new Set([facts([finding()]), ...others].map(hashOf)).size).toBe(5);
  });
});

describe('why a ticket is closed', () => {
  const last: LastFinding = {
    ...{ name: 'loader', status: 'resolved', resolution: 'compliant', exempt_reason: null, account_status: 'owned' },
    elsewhere: false,
  };

  it.each<[string, Partial<LastFinding>, string]>([
    ['mended', {}, 'None of its findings is left: loader is compliant now.'],
    ['deleted', { resolution: 'gone' }, 'None of its findings is left: loader no longer exists.'],
    ['exempt', { status: 'exempt', exempt_reason: 'break glass' }, 'loader is exempt (break glass).'],
    ['the account left', { status: 'open', account_status: 'left' }, 'The account of loader has left.'],
    ['another owner', { status: 'open', elsewhere: true }, 'loader belongs to somebody else now'],
    ['another filter', { status: 'open' }, 'no longer asks for what it spoke of'],
    ['another tenant', { status: null, account_status: null }, 'an account that this tenant no longer has'],
  ])('%s', (_what, changes, words) => {
    expect(closingWords({ ...last, ...changes }, false)).toContain(words);
  });

  it('is its connection’s end where that is removed', () => {
    expect(closingWords(last, true)).toContain('is being removed');
  });
});
