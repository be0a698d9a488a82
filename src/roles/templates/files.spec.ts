import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ref, Sub, Call, GetAtt, fromCloudFormation } from './cloudformation-yaml';
import { generatedFiles } from './files';
import { ROLE_KINDS, roleNeeds } from '../needs';
import { fill, permissionsPolicy, type PolicyDocument, trustPolicy } from './policy';

const DEPLOY = join(__dirname, '..', '..', '..', 'deploy');
const files = generatedFiles();
const templates = ['cloudformation/account.yaml', 'cloudformation/organization.yaml'] as const;

/** As long as its variables can be: account numbers, a GovCloud ARN, names of 64 characters. */
const LONGEST = {
  partition: 'aws-us-gov',
  account: '123456789012',
  path: `/${'p'.repeat(62)}/`,
  scan: 's'.repeat(64),
  cleanup: 'c'.repeat(64),
  restore: 'r'.repeat(64),
  externalId: `mothball-${'0'.repeat(24)}-123456789012`,
  principals: `arn:aws-us-gov:iam::123456789012:role/${'m'.repeat(64)}`,
};

const sizeOf = (document: PolicyDocument): number => {
  const text = JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'string' ? fill(value, LONGEST) : value,
  );
  return text.length;
};

describe('deploy/', () => {
  it.each([...files.keys()])('%s is what the declarations say: npm run deploy:generate', (path) => {
    expect(readFileSync(join(DEPLOY, path), 'utf8')).toBe(files.get(path));
  });

  it('holds nothing generated besides', () => {
    const present = ['cloudformation', 'terraform/account', 'terraform/organization'].flatMap((folder) =>
      readdirSync(join(DEPLOY, folder)).map((name) => `${folder}/${name}`),
    );
    expect(present.sort()).toEqual([...files.keys()].sort());
    expect(existsSync(join(DEPLOY, 'README.md'))).toBe(true);
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  it.each(ROLE_KINDS)('keeps the policies of the %s role within IAM’s limits, at the longest names', (kind) => {
    expect(sizeOf(permissionsPolicy(kind))).toBeLessThan(10_240);
    expect(sizeOf(trustPolicy(kind))).toBeLessThan(2_048);
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
  it.each(templates)('keeps %s small enough to be sent as it is', (path) => {
    expect(Buffer.byteLength(files.get(path) ?? '')).toBeLessThan(51_200);
  });

  it.each(templates)('refers in %s only to what it declares, and uses all of that', (path) => {
    const template = fromCloudFormation(files.get(path) ?? '') as Record<string, Record<string, unknown>>;
    const declared = Object.keys(template['Parameters'] ?? {});
    const used = new Set(referencesIn([template['Resources'], template['Conditions'], template['Outputs']]));
    const pseudo = ['AWS::AccountId', 'AWS::Partition', 'AWS::Region', 'AWS::NoValue'];
    const resources = Object.keys(template['Resources'] ?? {});
    expect([...used].filter((name) => ![...declared, ...pseudo, ...resources].includes(name))).toEqual([]);
    expect(declared.filter((name) => !used.has(name))).toEqual([]);
  });

  it('gives the accounts of an organization the very template of a single account', () => {
    const template = fromCloudFormation(files.get('cloudformation/organization.yaml') ?? '') as {
      Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
    };
    const stackSet = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::CloudFormation::StackSet');
    expect(stackSet?.Properties).toMatchObject({
      PermissionModel: 'SERVICE_MANAGED',
      AutoDeployment: { Enabled: true },
      TemplateBody: files.get('cloudformation/account.yaml'),
    });
  });

  it('allows in Terraform exactly what it allows in CloudFormation', () => {
    const actionsIn = (path: string): string[] =>
      [
        ...new Set((files.get(path) ?? '').match(/(?:iam|sts|organizations|sns|cloudtrail):(?:\*|[A-Z]\w+)/g) ?? []),
      ].sort();
    expect(actionsIn('terraform/account/main.tf')).toEqual(actionsIn('cloudformation/account.yaml'));
    const listing = [...new Set(roleNeeds.list.flatMap(({ actions }) => actions))];
    for (const action of listing) expect(actionsIn('terraform/organization/main.tf')).toContain(action);
  });

  it('names no account, no partition and no secret', () => {
    for (const text of files.values()) expect(text).not.toMatch(/arn:aws(-cn|-us-gov)?:|\d{12}(?!\d)(?!\})/);
  });
});

function referencesIn(value: unknown): string[] {
  if (value instanceof Ref) return [value.name];
  if (value instanceof Sub) return [...value.text.matchAll(/\$\{([\w:]+)\}/g)].map(([, name = '']) => name);
  if (value instanceof GetAtt) return [value.path.split('.')[0] ?? ''];
  if (value instanceof Call) return value.args.flatMap(referencesIn);
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(referencesIn) : [];
}
