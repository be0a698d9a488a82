import { credentials } from '../../../scans/test-inventory';
import { aRoot } from '../../../scans/test-inventory';
import type { Considered } from '../considered';
import { aCandidate, anAccount, anOther, considered, roleToPlan, userToPlan } from '../test-candidates';
import { standingRefusal } from './standing-refusals';

const DENY_ALL = 'arn:aws:iam::aws:policy/AWSDenyAll';
const codeOf = (changes: Partial<Considered>): string | undefined => standingRefusal(considered(changes))?.code;
const role = (changes: Parameters<typeof roleToPlan>[0]): Pick<Considered, 'candidate'> => ({
  candidate: aCandidate({ principal: roleToPlan(changes) }),
});
const user = (changes: Parameters<typeof userToPlan>[0], course: 'user' | 'observed-key' = 'user') => {
  const principal = userToPlan(changes);
  return { candidate: aCandidate({ principal, course, key: principal.stored.keys[0] ?? null }) };
};

describe('standing refusals', () => {
  it('are none for what is idle, flagged, and fit to be put away', () => {
    expect(standingRefusal(considered())).toBeNull();
    expect(standingRefusal(considered(user({})))).toBeNull();
  });

  it.each<[string, Partial<Considered>]>([
    ['ROOT', user(aRoot())],
    ['SERVICE_LINKED_ROLE', role({ path: '/aws-service-role/support.amazonaws.com/' })],
    ['RESERVED_ROLE', role({ path: '/aws-reserved/sso.amazonaws.com/' })],
    ['OWN_ROLE', role({ name: 'mothball-cleanup', path: '/security/' })],
    ['OWN_ROLE', { ownRoleArns: new Set(['arn:aws:iam::111122223333:role/reporting']) }],
    ['ORGANIZATION_ROLE', role({ name: 'OrganizationAccountAccessRole' })],
    ['ACCOUNT_LEFT', { account: anAccount({ status: 'left' }) }],
    ['ACCOUNT_PENDING', { account: anAccount({ status: 'pending' }) }],
    ['ACCOUNT_NOT_ACTIVE', { account: anAccount({ awsState: 'SUSPENDED' }) }],
    ['NO_ACCESS', { account: anAccount({ hasAccess: false }) }],
    ['NO_CLEANUP_ROLE', { account: anAccount({ hasCleanupRole: false }) }],
    ['IN_QUARANTINE', { other: anOther() }],
    ['IN_ANOTHER_PLAN', { other: anOther({ stage: 'waiting' }) }],
    ['EXEMPT', { exempt: 'Used by the auditors.' }],
    [
      'UNKNOWN',
      { verdicts: [{ checkId: 'unused-role', verdict: { state: 'unknown', cause: 'unread', reason: 'Denied.' } }] },
    ],
    ['NOT_FLAGGED', { verdicts: [{ checkId: 'unused-role', verdict: undefined }] }],
    ['NOT_FLAGGED', { verdicts: [{ checkId: 'unused-role', verdict: { state: 'compliant', why: 'Used.' } }] }],
    ['UNKNOWN', { idle: { state: 'unknown', reason: 'The report was denied.' } }],
    ['IN_USE', { idle: { state: 'active', why: 'It was last used on 2026-01-02.' } }],
    ['BOUNDARY_OF_ITS_OWN', role({ boundaryArn: 'arn:aws:iam::111122223333:policy/limits' })],
    // Put there by somebody else: restoring would not know to keep it.
    ['BOUNDARY_OF_ITS_OWN', role({ boundaryArn: DENY_ALL })],
    ['BOUNDARY_OF_ITS_OWN', user({ boundaryArn: DENY_ALL }, 'observed-key')],
    ['CREDENTIALS_UNKNOWN', user({ otherCredentials: { state: 'unknown', reason: 'Not asked.' } })],
    [
      'OTHER_CREDENTIALS',
      user({ otherCredentials: { state: 'known', value: { activeSshKeys: 1, activeServiceSpecific: 0 } } }),
    ],
    ['OTHER_CREDENTIALS', user({ credentials: credentials({ activeCertificates: 1 }) })],
    ['MANAGED_AS_CODE', role({ tags: { 'aws:cloudformation:stack-name': 'web' } })],
    ['TRUSTED_ELSEWHERE', { trustedElsewhere: true }],
  ])('say %s', (code, changes) => {
    const refusal = standingRefusal(considered(changes));
    expect(refusal?.code).toBe(code);
    expect(refusal?.reason).toMatch(/^[A-Z].*\.$/s);
    expect(refusal?.remedy).toMatch(/^[A-Z].*\.$/s);
  });

  it('tell the root user’s keys from others’ before anything else', () => {
    expect(codeOf({ ...user(aRoot()), account: anAccount({ status: 'left' }) })).toBe('ROOT');
  });

  it('let a policy have OrganizationAccountAccessRole by naming it', () => {
    const access = role({ name: 'OrganizationAccountAccessRole' });
    expect(codeOf({ ...access, namedByPolicy: true })).toBeUndefined();
    expect(codeOf({ ...access, namedByPolicy: true, automatic: true })).toBe('FOR_HANDS_ONLY');
  });

  it('let what is in quarantine go on, by its idleness and not by how it looks now', () => {
    const going: Partial<Considered> = {
      ...role({ boundaryArn: DENY_ALL }),
      continues: anOther(),
      verdicts: [{ checkId: 'unused-role', verdict: undefined }],
    };
    expect(codeOf(going)).toBeUndefined();
    expect(codeOf({ ...going, idle: { state: 'active', why: 'It was last used on 2026-01-02.' } })).toBe('IN_USE');
  });

  it('do not mind that a user whose key goes is trusted elsewhere: the user stays', () => {
    const principal = userToPlan();
    const key = aCandidate({ principal, course: 'password' });
    expect(codeOf({ candidate: key, trustedElsewhere: true })).toBeUndefined();
  });

  it('say that a key without an id cannot be told from its sibling', () => {
    const principal = userToPlan({
      credentials: credentials({
        accessKeys: [
          {
            ...{ kind: 'access-key', slot: 1, accessKeyId: null, active: true },
            ...{ createdAt: null, lastUsed: { state: 'never' } },
          },
        ],
      }),
    });
    const key = principal.stored.keys[0] ?? null;
    expect(codeOf({ candidate: aCandidate({ principal, course: 'access-key', key }) })).toBe('KEY_ID_UNKNOWN');
  });

  it('never name the tenant whose role trusts it', () => {
    expect(standingRefusal(considered({ trustedElsewhere: true }))?.reason).not.toMatch(/arn:|\d{12}/);
  });
});

describe('what policies never put away by themselves', () => {
  it.each<[string, Partial<Considered>]>([
    ['a service whose work is rare', role({ trustedPrincipals: ['backup.amazonaws.com'] })],
    ['stacks', role({ trustedPrincipals: ['cloudformation.amazonaws.com'] })],
    ['break-glass', role({ name: 'Break-Glass-Admin' })],
    ['disaster recovery', role({ name: 'DisasterRecovery' })],
    ['SES', user({ name: 'ses-smtp-user.20240101-120000' })],
    ['SES by its policy', user({ inlinePolicyNames: ['AmazonSesSendingAccess'] })],
  ])('is left to hands: %s', (_, changes) => {
    expect(codeOf({ ...changes, automatic: true })).toBe('FOR_HANDS_ONLY');
    expect(codeOf(changes)).toBeUndefined();
  });

  it('is also what lies in an account whose tags nobody has read yet', () => {
    const account = anAccount({ source: 'organization' });
    expect(codeOf({ account, automatic: true })).toBe('ACCOUNT_TAGS_UNKNOWN');
    expect(codeOf({ account: { ...account, tagsReadAt: new Date() }, automatic: true })).toBeUndefined();
  });
});
