import { ConditionContext, conditionsHold } from './conditions';

const context = new ConditionContext()
  .set('sts:ExternalId', 'prefix-111122223333')
  .set('aws:PrincipalArn', 'arn:aws:iam::111122223333:role/team/ci')
  .set('aws:MultiFactorAuthPresent', 'false')
  .set('aws:CurrentTime', '2026-11-22T12:00:00Z')
  .set('aws:SourceIp', '10.1.2.3')
  .set('aws:TagKeys', ['team', 'owner'])
  .set('iam:Count', '5');

const holds = (operator: string, key: string, wanted: string | string[]): boolean =>
  conditionsHold({ [operator]: { [key]: Array.isArray(wanted) ? wanted : [wanted] } }, context);

describe('condition operators', () => {
  test.each([
    ['StringEquals', 'sts:ExternalId', 'prefix-111122223333', true],
    ['StringEquals', 'STS:externalid', 'prefix-111122223333', true],
    ['StringEquals', 'sts:ExternalId', 'PREFIX-111122223333', false],
    ['StringEqualsIgnoreCase', 'sts:ExternalId', 'PREFIX-111122223333', true],
    ['StringLike', 'sts:ExternalId', 'prefix-*', true],
    ['StringEquals', 'sts:ExternalId', 'prefix-*', false],
    ['StringNotEquals', 'sts:ExternalId', 'other', true],
    ['StringNotLike', 'sts:ExternalId', 'prefix-*', false],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/team/*', true],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:*:role/team/ci', false],
    ['ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:user/*', true],
    ['Bool', 'aws:MultiFactorAuthPresent', 'true', false],
    ['DateGreaterThan', 'aws:CurrentTime', '2026-01-01T00:00:00Z', true],
    ['DateLessThan', 'aws:CurrentTime', '2026-01-01T00:00:00Z', false],
    ['NumericLessThanEquals', 'iam:Count', '5', true],
    ['NumericGreaterThan', 'iam:Count', '5', false],
    ['IpAddress', 'aws:SourceIp', '10.0.0.0/8', true],
    ['NotIpAddress', 'aws:SourceIp', '10.0.0.0/8', false],
    ['NoSuchOperator', 'iam:Count', '5', false],
  ])('%s %s %s: %s', (operator, key, wanted, expected) => {
    expect(holds(operator, key, wanted)).toBe(expected);
  });

  test('a missing key fails a positive operator, passes a negated one and IfExists', () => {
    expect(holds('StringEquals', 'aws:Missing', 'x')).toBe(false);
    expect(holds('StringEqualsIfExists', 'aws:Missing', 'x')).toBe(true);
    expect(holds('StringNotEquals', 'aws:Missing', 'x')).toBe(true);
    expect(holds('Bool', 'aws:Missing', 'true')).toBe(false);
  });

  test('Null asks whether the key is absent', () => {
    expect(holds('Null', 'sts:ExternalId', 'false')).toBe(true);
    expect(holds('Null', 'sts:ExternalId', 'true')).toBe(false);
    expect(holds('Null', 'aws:Missing', 'true')).toBe(true);
  });

  test('several values are alternatives; several keys and operators must all hold', () => {
    expect(holds('StringEquals', 'iam:Count', ['4', '5'])).toBe(true);
    const both = { StringEquals: { 'iam:Count': ['5'], 'sts:ExternalId': ['wrong'] } };
    expect(conditionsHold(both, context)).toBe(false);
  });

  test('ForAnyValue and ForAllValues look at every value of the request', () => {
    expect(holds('ForAnyValue:StringEquals', 'aws:TagKeys', ['team'])).toBe(true);
    expect(holds('ForAllValues:StringEquals', 'aws:TagKeys', ['team'])).toBe(false);
    expect(holds('ForAllValues:StringEquals', 'aws:TagKeys', ['team', 'owner'])).toBe(true);
    expect(holds('ForAllValues:StringEquals', 'aws:Missing', ['x'])).toBe(true);
    expect(holds('ForAnyValue:StringEquals', 'aws:Missing', ['x'])).toBe(false);
  });
});
