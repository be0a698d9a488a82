import { checkReason, checkRequest, type ExemptionRequest } from './exemption-request';

const refused = (request: ExemptionRequest): string => {
  try {
    checkRequest(request);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('an exemption that is asked for', () => {
  it.each<[ExemptionRequest, RegExp]>([
    [{ scope: {} }, /scope: give exactly one/],
    [{ scope: { uniqueId: 'AIDA1', glob: '/x' } }, /scope: give exactly one/],
    [{ scope: { uniqueId: 'alice' } }, /scope.uniqueId: .*A name is not enough/],
    [{ scope: { glob: 'ci-*' } }, /scope.glob: .*"\/ci-\*"/],
    [{ scope: { glob: '/ci/|/x' } }, /scope.glob/],
    [{ scope: { tag: { key: '' } } }, /scope.tag.key/],
    [{ scope: { tag: { key: 'a', value: '' } } }, /scope.tag.value.*leave it out/],
    [{ scope: { awsAccountId: '12' } }, /scope.awsAccountId.*twelve digits/],
    [{ scope: { glob: '*' }, checks: [] }, /checks: the list is empty/],
    [{ scope: { glob: '*' }, checks: ['unused-rôle'] }, /checks: there is no check "unused-rôle"/],
    [{ scope: { glob: '*' }, kinds: [] }, /kinds: the list is empty/],
    [{ scope: { glob: '*' }, accounts: ['1'] }, /accounts: "1"/],
    [{ scope: { glob: '*' }, organizationalUnits: ['Prod'] }, /organizationalUnits: "Prod" must begin/],
    [{ scope: { awsAccountId: '111122223333' }, accounts: ['111122223333'] }, /for a glob or a tag only/],
  ])('%j is refused', (request, message) => {
    expect(refused(request)).toMatch(message);
  });

  it('is taken as it is meant: nothing given is no limit', () => {
    expect(checkRequest({ scope: { uniqueId: 'AROAEXAMPLE', glob: null } })).toEqual({
      scope: { kind: 'identity', uniqueId: 'AROAEXAMPLE' },
      limits: { checks: null, kinds: null, accounts: null, organizationalUnits: null },
    });
    expect(checkRequest({ scope: { tag: { key: 'team' } }, checks: ['unused-role', 'unused-role'] })).toEqual({
      scope: { kind: 'tag', key: 'team', value: null },
      limits: { checks: ['unused-role'], kinds: null, accounts: null, organizationalUnits: null },
    });
  });

  it('says why', () => {
    expect(checkReason('  yearly job ')).toBe('yearly job');
    expect(() => checkReason(' ')).toThrow(/reason: say why/);
    expect(() => checkReason('x'.repeat(1_001))).toThrow(/1,000/);
  });
});
