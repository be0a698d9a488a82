import { CallCounter } from './calls';

it('counts each attempt by action, and sums them up', () => {
  const calls = new CallCounter();
  calls.sent('iam:ListUsers', { retry: false });
  calls.throttled('iam:ListUsers');
  calls.sent('iam:ListUsers', { retry: true });
  calls.took('iam:ListUsers', 20.4);
  calls.sent('iam:GetUser', { retry: false });
  expect(calls.summary()).toEqual({
    ...{ calls: 3, throttled: 1, retried: 1, durationMs: 20 },
    byAction: {
      'iam:GetUser': { calls: 1, throttled: 0, retried: 0, durationMs: 0 },
      'iam:ListUsers': { calls: 2, throttled: 1, retried: 1, durationMs: 20 },
    },
  });
});
