import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import { allow, assume, iamAs, makeCaller, startSmall, trust } from '../../callers';
import type { CallerCredentials, SmallSimulator } from '../../callers';

describe('CloudTrail', () => {
  let simulator: SmallSimulator;
  let admin: CallerCredentials & { name: string };
  let reader: CallerCredentials;

  beforeAll(async () => {
    simulator = await startSmall();
    admin = makeCaller(simulator, simulator.memberId);
    reader = makeCaller(simulator, simulator.memberId, { inlinePolicies: { a: allow('cloudtrail:LookupEvents') } });
    const arn = `arn:aws:iam::${simulator.memberId}:user/${admin.name}`;
    simulator.control.createRole(simulator.memberId, { name: 'job', trustPolicy: trust(arn) });
    for (let n = 0; n < 3; n += 1) await iamAs(simulator, admin).send(new ListUsersCommand({}));
    await assume(simulator, admin, { RoleArn: `arn:aws:iam::${simulator.memberId}:role/job` });
  });
  afterAll(() => simulator.close());

  const lookUp = (
    input: LookupEventsCommandInput = {},
    credentials: CallerCredentials = reader,
    region = 'us-east-1',
  ) =>
    new CloudTrailClient({ endpoint: simulator.url, region, credentials, maxAttempts: 1 }).send(
      new LookupEventsCommand(input),
    );
  const by = (AttributeKey: 'Username' | 'AccessKeyId' | 'ResourceName', AttributeValue: string) => ({
    LookupAttributes: [{ AttributeKey, AttributeValue }],
  });

  test('tells of events after a quarter of an hour, newest first, page by page', async () => {
    expect((await lookUp(by('Username', admin.name))).Events).toEqual([]);
    simulator.control.pass(16 * 60_000, { quiet: true });
    const first = await lookUp({ ...by('Username', admin.name), MaxResults: 3 });
    expect(first.Events?.map(({ EventName }) => EventName)).toEqual(['AssumeRole', 'ListUsers', 'ListUsers']);
    const rest = await lookUp({ ...by('Username', admin.name), MaxResults: 3, NextToken: first.NextToken });
    expect(rest.Events?.[0]).toMatchObject({
      EventName: 'ListUsers',
      Username: admin.name,
      AccessKeyId: admin.accessKeyId,
    });
    await expect(lookUp({ ...by('Username', 'other'), NextToken: first.NextToken })).rejects.toMatchObject({
      name: 'InvalidNextTokenException',
    });
    expect(
      (await lookUp({ ...by('Username', admin.name), StartTime: new Date(Date.now() + 3_600_000) })).Events,
    ).toEqual([]);
  });

  test('finds a role by who assumed it, and says who', async () => {
    const { Events } = await lookUp(by('ResourceName', `arn:aws:iam::${simulator.memberId}:role/job`));
    expect(Events?.map(({ EventName }) => EventName)).toEqual(['AssumeRole']);
    expect(JSON.parse(Events?.[0]?.CloudTrailEvent ?? '')).toMatchObject({
      userIdentity: { type: 'IAMUser', userName: admin.name },
      requestParameters: { roleArn: `arn:aws:iam::${simulator.memberId}:role/job` },
    });
  });

  test('each region has its own, what is data nobody has, and after 90 days nothing', async () => {
    simulator.control.attempt({
      accountId: simulator.memberId,
      roleName: 'job',
      action: 'ec2:DescribeHosts',
      region: 'eu-west-1',
    });
    simulator.control.attempt({
      accountId: simulator.memberId,
      roleName: 'job',
      action: 's3:GetObject',
      region: 'eu-west-1',
    });
    simulator.control.pass(16 * 60_000, { quiet: true });
    const there = await lookUp(by('Username', 'session'), reader, 'eu-west-1');
    expect(there.Events?.map(({ EventName }) => EventName)).toEqual(['DescribeHosts']);
    expect((await lookUp(by('Username', 'session'))).Events).toEqual([]);
    simulator.control.travel(91 * 86_400_000);
    expect((await lookUp(by('Username', 'session'), reader, 'eu-west-1')).Events).toEqual([]);
  });

  test.each<[string, LookupEventsCommandInput, string]>([
    [
      'two attributes',
      { LookupAttributes: [...by('Username', 'a').LookupAttributes, ...by('Username', 'b').LookupAttributes] },
      'InvalidLookupAttributesException',
    ],
    ['no value', by('Username', ''), 'InvalidLookupAttributesException'],
    ['a page of 51', { MaxResults: 51 }, 'InvalidMaxResultsException'],
    [
      'an end before the start',
      { StartTime: new Date(2_000_000), EndTime: new Date(1_000_000) },
      'InvalidTimeRangeException',
    ],
  ])('refuses %s', async (_what, input, name) => {
    await expect(lookUp(input)).rejects.toMatchObject({ name });
  });

  test('must be allowed, and answers two requests a second', async () => {
    const other = makeCaller(simulator, simulator.memberId, {
      inlinePolicies: { a: allow('cloudtrail:DescribeTrails') },
    });
    await expect(lookUp({}, other)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    simulator.control.setPacing({ byAction: { 'cloudtrail:LookupEvents': { rate: 0, burst: 0 } } });
    await expect(lookUp()).rejects.toMatchObject({ name: 'ThrottlingException' });
    simulator.control.removePacing();
  });
});
