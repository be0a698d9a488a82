import {
  GenerateServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import type { GetServiceLastAccessedDetailsCommandOutput, IAMClient } from '@aws-sdk/client-iam';
import { allow, aws, iamAs, makeCaller, policy, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';

describe('service-last-accessed data', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;
  let accountId: string;

  beforeAll(async () => {
    simulator = await startSmall();
    accountId = simulator.memberId;
    iam = iamAs(simulator, makeCaller(simulator, accountId));
  });
  afterAll(() => simulator.close());

  const start = async (name: string): Promise<string | undefined> =>
    (await iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: `arn:aws:iam::${accountId}:user/${name}` })))
      .JobId;
  const fetchJob = (JobId: string | undefined, client = iam): Promise<GetServiceLastAccessedDetailsCommandOutput> =>
    client.send(new GetServiceLastAccessedDetailsCommand({ JobId }));

  async function accessed(name: string): Promise<Record<string, boolean>> {
    const job = await start(name);
    await fetchJob(job);
    const { ServicesLastAccessed = [] } = await fetchJob(job);
    const entries = ServicesLastAccessed.map(
      ({ ServiceNamespace, LastAuthenticated }) => [ServiceNamespace ?? '', LastAuthenticated !== undefined] as const,
    );
    return Object.fromEntries(entries);
  }

  test('a job is in progress first, and only who started it may fetch it', async () => {
    simulator.control.createUser(accountId, { name: 'watched', inlinePolicies: { p: allow('s3:*') } });
    const job = await start('watched');
    expect((await fetchJob(job)).JobStatus).toBe('IN_PROGRESS');
    expect((await fetchJob(job)).JobStatus).toBe('COMPLETED');
    const other = iamAs(simulator, makeCaller(simulator, accountId));
    await expect(fetchJob(job, other)).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });

  test('it lists the services that permissions policies allow, and attempts that were denied', async () => {
    simulator.control.createUser(accountId, {
      name: 'narrow',
      keys: [{}],
      inlinePolicies: { p: allow('s3:Get*', 'sqs:*') },
    });
    expect(await accessed('narrow')).toEqual({ s3: false, sqs: false });
    simulator.control.use({ accountId, userName: 'narrow', service: 's3', denied: true });
    simulator.control.use({ accountId, userName: 'narrow', service: 'lambda' });
    expect(await accessed('narrow')).toEqual({ s3: true, sqs: false });
  });

  test('a deny-all boundary does not empty it; an inline deny-all does by a switch; no policy, no data', async () => {
    simulator.control.createUser(accountId, {
      name: 'bounded',
      boundaryArn: aws('AWSDenyAll'),
      inlinePolicies: { p: allow('s3:*') },
    });
    expect(Object.keys(await accessed('bounded'))).toEqual(['s3']);
    const denyAll = policy({ Effect: 'Deny', Action: '*', Resource: '*' });
    simulator.control.createUser(accountId, { name: 'denied', inlinePolicies: { p: allow('s3:*'), deny: denyAll } });
    expect(await accessed('denied')).toEqual({});
    simulator.control.setSwitches({ services: { inlineDenyAllEmptiesServiceLastAccessed: false } });
    expect(Object.keys(await accessed('denied'))).toEqual(['s3']);
    simulator.control.createUser(accountId, { name: 'bare' });
    expect(await accessed('bare')).toEqual({});
  });

  test('attempts show after their lag only', async () => {
    simulator.control.setSwitches({ services: { serviceLastAccessedLagMs: 4 * 3_600_000 } });
    simulator.control.createUser(accountId, { name: 'lagging', keys: [{}], inlinePolicies: { p: allow('s3:*') } });
    simulator.control.use({ accountId, userName: 'lagging', service: 's3' });
    expect(await accessed('lagging')).toEqual({ s3: false });
    simulator.control.travel(4 * 3_600_000);
    expect(await accessed('lagging')).toEqual({ s3: true });
    simulator.control.setSwitches({ services: { serviceLastAccessedLagMs: 0 } });
  });

  test('SimulatePrincipalPolicy says what policies and boundary decide', async () => {
    simulator.control.createUser(accountId, { name: 'simulated', inlinePolicies: { p: allow('s3:*') } });
    const decide = async (): Promise<(string | undefined)[] | undefined> => {
      const PolicySourceArn = `arn:aws:iam::${accountId}:user/simulated`;
      const command = new SimulatePrincipalPolicyCommand({
        PolicySourceArn,
        ActionNames: ['s3:GetObject', 'iam:GetUser'],
      });
      return (await iam.send(command)).EvaluationResults?.map(({ EvalDecision }) => EvalDecision);
    };
    expect(await decide()).toEqual(['allowed', 'implicitDeny']);
    simulator.control.setBoundary({ accountId, userName: 'simulated' }, aws('AWSDenyAll'));
    expect(await decide()).toEqual(['explicitDeny', 'explicitDeny']);
  });
});
