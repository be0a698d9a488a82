import { defaultRules } from '../rules/cleanup-rules';
import { managedAsCodeBy, taggedBy } from './managed-as-code';

const of = (name: string, tags: Record<string, string> = {}, path = '/') =>
  managedAsCodeBy({ name, path, tags }, defaultRules.managedAsCode);

describe('managed as code', () => {
  it.each([
    ['CloudFormation', of('x', { 'aws:cloudformation:stack-id': 'arn' })],
    ['Terraform by a key', of('x', { terraform: 'true' })],
    ['Terraform by a value', of('x', { ManagedBy: 'Terraform Cloud' })],
    ['the CDK by its name', of('cdk-hnb659fds-deploy-role')],
    ['Control Tower', of('AWSControlTowerExecution')],
  ])('is %s', (_, by) => expect(by).not.toBeNull());

  it.each([
    ['another value', of('x', { ManagedBy: 'hand' })],
    ['a tag that only begins so', of('x', { terraformed: 'no' })],
    ['a name that only holds it', of('not-cdk-x')],
  ])('is not %s', (_, by) => expect(by).toBeNull());

  it('says by what', () => {
    expect(of('x', { terraform: 'true' })).toBe('its tag terraform=true');
    expect(of('cdk-x')).toContain('*/cdk-*');
  });

  it('takes "key", "key=value" and a star at the end of either', () => {
    const tags = { env: 'prod-eu' };
    const has = (marker: string): boolean => taggedBy([marker], tags) === 'env';
    expect(['env', 'env=prod-eu', 'env=prod*', 'e*', 'e*=*'].map(has)).toEqual([true, true, true, true, true]);
    expect(['environment', 'env=prod', 'en', '=prod-eu'].map(has)).toEqual([false, false, false, false]);
  });
});
