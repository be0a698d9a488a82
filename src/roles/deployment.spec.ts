import { accountDeployment, organizationDeployment, type DeploymentFacts } from './deployment';

const facts: DeploymentFacts = {
  partition: 'aws',
  scanRoleArn: 'arn:aws:iam::123456789012:role/mothball-scan',
  externalIdPrefix: 'mothball-0123456789ab',
  principals: ['arn:aws:iam::999900001111:role/mothball'],
  templateUrl: 'https://example.s3.us-east-1.amazonaws.com/mothball/',
};

describe('what people make the roles with', () => {
  it('is a link to the console, filled in, where the templates can be read from S3', () => {
    const url = new URL(accountDeployment(facts).quickCreateUrl ?? '');
    expect([url.host, url.search]).toEqual(['us-east-1.console.aws.amazon.com', '?region=us-east-1']);
    const [path, query] = url.hash.split('?');
    expect(path).toBe('#/stacks/quickcreate');
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
      templateURL: 'https://example.s3.us-east-1.amazonaws.com/mothball/account.yaml',
      stackName: 'mothball',
      param_ExternalIdPrefix: 'mothball-0123456789ab',
      param_MothballPrincipals: 'arn:aws:iam::999900001111:role/mothball',
    });
  });

  it.each([
    ['aws-cn', 'https://example.s3.cn-north-1.amazonaws.com.cn', 'cn-north-1.console.amazonaws.cn'],
    ['aws-us-gov', 'https://example.s3.us-gov-west-1.amazonaws.com', 'us-gov-west-1.console.amazonaws-us-gov.com'],
  ] as const)('leads to the console of %s, and only from S3 of that partition', (partition, templateUrl, host) => {
    const there = { ...facts, partition, scanRoleArn: facts.scanRoleArn.replace('aws', partition) };
    expect(accountDeployment(there).quickCreateUrl).toBeNull();
    expect(new URL(accountDeployment({ ...there, templateUrl }).quickCreateUrl ?? '').host).toBe(host);
    expect(accountDeployment({ ...facts, templateUrl }).quickCreateUrl).toBeNull();
  });

  it('is no link without a place for the templates, but a command and the template itself', () => {
    const { quickCreateUrl, cliCommands, template } = accountDeployment({ ...facts, templateUrl: null });
    expect(quickCreateUrl).toBeNull();
    expect(cliCommands).toEqual([
      "aws cloudformation deploy --stack-name mothball --template-file account.yaml --region us-east-1 --capabilities CAPABILITY_NAMED_IAM --parameter-overrides 'ExternalIdPrefix=mothball-0123456789ab' 'MothballPrincipals=arn:aws:iam::999900001111:role/mothball'",
    ]);
    expect(template).toContain('AWS::IAM::Role');
  });

  it('carries other names and paths than the default ones', () => {
    const { parameters, terraform } = accountDeployment({
      ...facts,
      scanRoleArn: 'arn:aws:iam::123456789012:role/security/reader',
    });
    expect(parameters.slice(2)).toEqual([
      { key: 'ScanRoleName', value: 'reader' },
      { key: 'RolePath', value: '/security/' },
    ]);
    expect(terraform).toMatch(/role_path +=\s"\/security\/"/);
  });

  it('is one stack in the management account for an organization', () => {
    const made = organizationDeployment(facts, 'arn:aws:iam::123456789012:role/lister');
    expect(made.template).toContain('AWS::CloudFormation::StackSet');
    expect(made.parameters.at(-1)).toEqual({ key: 'ListingRoleName', value: 'lister' });
    expect(made.cliCommands.at(-1)).toContain('OrganizationalUnitIds="$ROOT"');
    expect(made.terraform).toContain('listing_role_name');
  });
});
