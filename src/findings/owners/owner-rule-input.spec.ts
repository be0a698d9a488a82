import { checkOwnerRules, type OwnerRuleRequest } from './owner-rule-input';

describe('owner rules that are asked for', () => {
  it.each<[OwnerRuleRequest[], RegExp]>([
    [[], /rules: the list is empty.*resetOwnerRules/],
    [[{}], /rules\[0\]: give exactly one of identityTag/],
    [
      [
        { glob: '/a/*', owner: 'a' },
        { glob: '/a', pathPrefix: '/a/', owner: 'x' },
      ],
      /rules\[1\]: give exactly one/,
    ],
    [[{ identityTag: [] }], /rules\[0\].identityTag: the list is empty/],
    [[{ identityTag: ['owner'], owner: 'x' }], /rules\[0\].owner: .*leave it out/],
    [[{ pathSegment: 0 }], /rules\[0\].pathSegment: must be from 1/],
    [[{ pathPrefix: 'ci/', owner: 'x' }], /rules\[0\].pathPrefix: must begin with "\/"/],
    [[{ pathPrefix: '/ci/' }], /rules\[0\].owner: name who answers/],
    [[{ glob: 'ci-*', owner: 'x' }], /rules\[0\].glob/],
    [[{ awsAccountId: '1', owner: 'x' }], /rules\[0\].awsAccountId/],
    [[{ organizationalUnit: 'Prod', owner: 'x' }], /rules\[0\].organizationalUnit/],
  ])('%j are refused', (rules, message) => {
    expect(() => checkOwnerRules(rules)).toThrow(message);
  });

  it('keep their order', () => {
    expect(
      checkOwnerRules([
        { awsAccountId: '111122223333', owner: ' Platform ' },
        { identityTag: ['owner', 'team', 'owner'] },
        { pathSegment: 2 },
      ]),
    ).toEqual([
      { kind: 'account', value: '111122223333', owner: 'Platform' },
      { kind: 'identity-tag', keys: ['owner', 'team'] },
      { kind: 'path-segment', segment: 2 },
    ]);
  });
});
