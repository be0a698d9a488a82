import { type GenerateServiceLastAccessedDetailsCommand, IAMClient } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { LastAccessedJobs } from './last-accessed-jobs';

const arns = ['a', 'b', 'c', 'd', 'e'].map((name) => `arn:aws:iam::111122223333:role/${name}`);

/** IAM as one that numbers what it is asked for, and takes a moment for each. */
function start() {
  const iam = new IAMClient({ region: 'us-east-1' });
  const asked: string[] = [];
  let [inFlight, most] = [0, 0];
  iam.middlewareStack.add(
    () => async (args) => {
      const { Arn = '' } = args.input as GenerateServiceLastAccessedDetailsCommand['input'];
      inFlight += 1;
      most = Math.max(most, inFlight);
      await Promise.resolve();
      inFlight -= 1;
      asked.push(Arn);
      if (Arn.endsWith('/c') && asked.filter((one) => one === Arn).length === 1) throw new Error('Not now.');
      return { response: {}, output: { $metadata: {}, JobId: `job ${asked.length}` } };
    },
    { step: 'initialize', priority: 'low' },
  );
  const jobs = new LastAccessedJobs({ iam } as Pick<AccountAccess, 'iam'> as AccountAccess, undefined);
  return { jobs, asked, most: () => most };
}

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(() => jest.useRealTimers());

test('all are asked for, so many at a time; what failed is asked for again by whoever needs it', async () => {
  const { jobs, asked, most } = start();
  await jobs.start(arns, 2);
  expect([...asked].sort()).toEqual(arns);
  expect(most()).toBe(2);
  expect((await jobs.of(arns[0] ?? ''))?.jobId).toBe('job 1');
  expect(asked).toHaveLength(5);
  expect((await jobs.of(arns[2] ?? ''))?.jobId).toBe('job 6');
});

test('one is good for one look, and for a minute', async () => {
  const { jobs, asked } = start();
  await jobs.start(arns.slice(0, 2), 2);
  jest.advanceTimersByTime(60_000);
  expect((await jobs.of(arns[0] ?? ''))?.jobId).toBe('job 1');
  expect((await jobs.of(arns[0] ?? ''))?.jobId).toBe('job 3');
  jest.advanceTimersByTime(1);
  expect((await jobs.of(arns[1] ?? ''))?.jobId).toBe('job 4');
  expect(asked).toHaveLength(4);
});
