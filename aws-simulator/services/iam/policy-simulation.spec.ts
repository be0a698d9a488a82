import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { aws, iamAs, makeCaller, policy, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';

describe('simulating what an identity may do', () => {
  let simulator: SmallSimulator;
  let arn: string;

  beforeAll(async () => {
    simulator = await startSmall();
    arn = `arn:aws:iam::${simulator.memberId}:role/subject`;
    simulator.control.createRole(simulator.memberId, {
      name: 'subject',
      inlinePolicies: {
        own: policy(
          { Effect: 'Allow', Action: ['iam:List*', 'iam:DeleteUser'], Resource: '*' },
          {
            Effect: 'Allow',
            Action: 'iam:PutUserPermissionsBoundary',
            Resource: '*',
            Condition: { StringEquals: { 'iam:PermissionsBoundary': aws('AWSDenyAll') } },
          },
          { Effect: 'Deny', Action: 'iam:DeleteUser', Resource: '*' },
        ),
      },
    });
  });
  afterAll(() => simulator.close());

  const ask = (ActionNames: string[], more: Partial<SimulatePrincipalPolicyCommand['input']> = {}) =>
    iamAs(simulator, makeCaller(simulator, simulator.memberId)).send(
      new SimulatePrincipalPolicyCommand({ PolicySourceArn: arn, ActionNames, ...more }),
    );

  test('tells allowed, denied by nobody’s allowing it, and denied explicitly', async () => {
    const { EvaluationResults = [] } = await ask(['iam:ListUsers', 'iam:GetUser', 'iam:DeleteUser', 's3:GetObject']);
    expect(EvaluationResults.map(({ EvalDecision }) => EvalDecision)).toEqual([
      'allowed',
      'implicitDeny',
      'explicitDeny',
      'implicitDeny',
    ]);
  });

  test('names the condition keys that it was not given', async () => {
    const names = ['iam:PutUserPermissionsBoundary'];
    const without = (await ask(names)).EvaluationResults?.[0];
    expect(without).toMatchObject({ EvalDecision: 'implicitDeny', MissingContextValues: ['iam:PermissionsBoundary'] });
    const boundary = (value: string) =>
      ask(names, {
        ContextEntries: [
          { ContextKeyName: 'iam:PermissionsBoundary', ContextKeyType: 'string', ContextKeyValues: [value] },
        ],
      });
    expect((await boundary(aws('AWSDenyAll'))).EvaluationResults?.[0]?.EvalDecision).toBe('allowed');
    expect((await boundary(aws('SecurityAudit'))).EvaluationResults?.[0]).toMatchObject({
      EvalDecision: 'implicitDeny',
      MissingContextValues: [],
    });
  });

  test('says whether the boundary or the organization is what refuses', async () => {
    simulator.control.setBoundary({ accountId: simulator.memberId, roleName: 'subject' }, aws('AmazonSQSFullAccess'));
    simulator.control.setServiceControlPolicy(
      simulator.memberId,
      policy(
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: 'iam:ListRoles', Resource: '*' },
      ),
    );
    const { EvaluationResults = [] } = await ask(['iam:ListUsers', 'iam:ListRoles']);
    expect(EvaluationResults).toMatchObject([
      {
        EvalDecision: 'implicitDeny',
        OrganizationsDecisionDetail: { AllowedByOrganizations: true },
        PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
      },
      { EvalDecision: 'explicitDeny', OrganizationsDecisionDetail: { AllowedByOrganizations: false } },
    ]);
    simulator.control.setServiceControlPolicy(simulator.memberId, null);
    simulator.control.setBoundary({ accountId: simulator.memberId, roleName: 'subject' }, null);
  });

  test('pages its answers', async () => {
    const first = await ask(['iam:ListUsers', 'iam:ListRoles', 'iam:GetUser'], { MaxItems: 2 });
    expect([first.IsTruncated, first.EvaluationResults?.length]).toEqual([true, 2]);
    const second = await ask(['iam:ListUsers', 'iam:ListRoles', 'iam:GetUser'], { MaxItems: 2, Marker: first.Marker });
    expect(second.IsTruncated).toBe(false);
    expect(second.EvaluationResults?.map(({ EvalActionName }) => EvalActionName)).toEqual(['iam:GetUser']);
  });

  test.each(['iam:Frobnicate', 'iam:*', 'users'])('refuses %s, which is no action', async (name) => {
    await expect(ask([name])).rejects.toMatchObject({ name: 'InvalidInputException' });
  });
});
