import { DomainError } from '../errors';
import { Interrupted, outcomeOf } from './outcome';
import { Postpone, StaleFence } from './running-task';

const longest = (): number => 1;

describe('how an attempt ended', () => {
  test('an ordinary error waits longer from attempt to attempt: in the carrier up to a minute, then in its row', () => {
    const waits = [1, 2, 3, 4].map((attempt) => outcomeOf(new Error('x'), attempt, {}, undefined, longest));
    expect(waits.map((wait) => [wait.end, 'delayMs' in wait && wait.delayMs])).toEqual([
      ['soon', 2_000],
      ['soon', 8_000],
      ['soon', 32_000],
      ['later', 128_000],
    ]);
    expect(waits[3]).toMatchObject({ usesAttempt: true });
  });

  test('jitter spreads retries over the second half of the backoff', () => {
    const first = outcomeOf(new Error('x'), 1, {}, undefined, () => 0);
    expect(first).toMatchObject({ delayMs: 1_000 });
  });

  test('no backoff is longer than an hour', () => {
    expect(outcomeOf(new Error('x'), 30, { attempts: 99 }, undefined, longest)).toMatchObject({ delayMs: 3_600_000 });
  });

  test('the last attempt parks the task', () => {
    expect(outcomeOf(new Error('x'), 5, {}, undefined)).toEqual({
      end: 'failed',
      failure: { code: 'UNEXPECTED', message: 'Error: x' },
    });
    expect(outcomeOf(new Error('x'), 1, { attempts: 1 }, undefined)).toMatchObject({ end: 'failed' });
  });

  test('a DomainError says itself whether it is worth another try', () => {
    const refused = new DomainError('REFUSED', 'No.', { remedy: 'Ask.' });
    expect(outcomeOf(refused, 1, {}, undefined)).toEqual({
      end: 'failed',
      failure: { code: 'REFUSED', message: 'No. Ask.' },
    });
    expect(outcomeOf(new DomainError('BUSY', 'Later.', { retryable: true }), 1, {}, undefined)).toMatchObject({
      end: 'soon',
    });
  });

  test('a postponed, lost or interrupted attempt is not used up, whatever was thrown', () => {
    const notUsed = { end: 'later', usesAttempt: false };
    expect(outcomeOf(new Postpone(500, 'wait'), 9, {}, undefined)).toMatchObject({ ...notUsed, delayMs: 500 });
    expect(outcomeOf(new StaleFence('t'), 9, {}, undefined)).toMatchObject(notUsed);
    expect(outcomeOf(new DomainError('X', 'x'), 9, {}, new StaleFence('t'))).toMatchObject(notUsed);
    expect(outcomeOf(new Error('aborted'), 9, {}, new Interrupted())).toMatchObject(notUsed);
  });
});
