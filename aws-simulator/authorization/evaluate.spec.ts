import { ConditionContext } from './conditions';
import { decide } from './evaluate';
import type { PolicyLayers } from './evaluate';

const document = (...statements: Record<string, unknown>[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = (action: string | string[], rest: Record<string, unknown> = { Resource: '*' }): string =>
  document({ Effect: 'Allow', Action: action, ...rest });
const deny = (action: string): string => document({ Effect: 'Deny', Action: action, Resource: '*' });

const user = 'arn:aws:iam::111122223333:user/service/ci';
const outcome = (layers: Partial<PolicyLayers>, action = 'iam:GetUser', resource = user): string => {
  const decision = decide(
    { identity: [], boundary: undefined, session: undefined, serviceControl: undefined, ...layers },
    { action, resource, context: new ConditionContext().set('aws:username', 'ci') },
  );
  return decision.allowed ? 'allowed' : `${decision.explicit ? 'explicit' : 'implicit'} ${decision.layer}`;
};

describe('the evaluation of policies', () => {
  test('nothing is allowed unless a policy says so', () => {
    expect(outcome({})).toBe('implicit identity');
    expect(outcome({ identity: [allow('iam:GetUser')] })).toBe('allowed');
    expect(outcome({ identity: [allow('iam:GetRole')] })).toBe('implicit identity');
  });

  test('actions match without regard to case and with wildcards', () => {
    expect(outcome({ identity: [allow('IAM:getuser')] })).toBe('allowed');
    expect(outcome({ identity: [allow('iam:Get*')] })).toBe('allowed');
    expect(outcome({ identity: [allow('iam:GetUse?')] })).toBe('allowed');
    expect(outcome({ identity: [allow('iam:GetUser?')] })).toBe('implicit identity');
  });

  test('an explicit deny wins over every allow, in whatever layer it stands', () => {
    const all = [allow('*')];
    expect(outcome({ identity: [allow('*'), deny('iam:*')] })).toBe('explicit identity');
    expect(outcome({ identity: all, boundary: [deny('*')] })).toBe('explicit boundary');
    expect(outcome({ identity: all, session: [allow('*'), deny('iam:GetUser')] })).toBe('explicit session');
    expect(outcome({ identity: all, serviceControl: [allow('*'), deny('iam:GetUser')] })).toBe(
      'explicit serviceControl',
    );
  });

  test('a boundary, a session policy and a service control policy only narrow', () => {
    const identity = [allow('iam:GetUser')];
    expect(outcome({ identity, boundary: [allow('s3:*')] })).toBe('implicit boundary');
    expect(outcome({ identity, session: [allow('iam:GetUser', { Resource: `${user}-other` })] })).toBe(
      'implicit session',
    );
    expect(outcome({ identity, serviceControl: [allow('s3:*')] })).toBe('implicit serviceControl');
    expect(outcome({ boundary: [allow('*')], session: [allow('*')] })).toBe('implicit identity');
  });

  test('NotAction and NotResource are everything else', () => {
    const notAction = document({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' });
    expect(outcome({ identity: [notAction] })).toBe('implicit identity');
    expect(outcome({ identity: [notAction] }, 's3:GetObject', 'arn:aws:s3:::b/k')).toBe('allowed');
    const notResource = document({ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:iam::*:user/service/*' });
    expect(outcome({ identity: [notResource] })).toBe('implicit identity');
    expect(outcome({ identity: [notResource] }, 'iam:GetUser', 'arn:aws:iam::111122223333:user/ann')).toBe('allowed');
  });

  test('resources match over slashes and take policy variables', () => {
    const on = (resource: string): string => outcome({ identity: [allow('iam:GetUser', { Resource: resource })] });
    expect(on('arn:aws:iam::*:user/*')).toBe('allowed');
    expect(on('arn:aws:iam::111122223333:user/service/${aws:username}')).toBe('allowed');
    expect(on('arn:aws:iam::111122223333:user/${aws:username}')).toBe('implicit identity');
    expect(on('arn:aws:iam::111122223333:role/*')).toBe('implicit identity');
  });
});
