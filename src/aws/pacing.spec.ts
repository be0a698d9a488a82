import { Pacer, type PacingTime } from './pacing';

/** A clock that moves when everybody waits. */
class FakeTime implements PacingTime {
  private ms = 0;
  private readonly sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return this.ms;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.sleepers.push({ until: this.ms + ms, wake }));
  }

  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const finished = work.finally(() => (done = true));
    finished.catch(() => undefined);
    while (!done) {
      await new Promise(setImmediate);
      if (done) break;
      this.sleepers.sort((a, b) => a.until - b.until);
      const next = this.sleepers.shift();
      if (!next) continue;
      this.ms = Math.max(this.ms, next.until);
      next.wake();
    }
    return finished;
  }
}

class Throttled extends Error {}
const isThrottled = (error: unknown): boolean => error instanceof Throttled;

/** An account's bucket at AWS. */
function serverOf(time: FakeTime, perSecond: number, burst: number) {
  let tokens = burst;
  let at = 0;
  const counts = { calls: 0, throttled: 0 };
  const call = async (): Promise<void> => {
    await time.sleep(20);
    tokens = Math.min(burst, tokens + ((time.now() - at) / 1000) * perSecond);
    at = time.now();
    counts.calls += 1;
    if (tokens < 1) {
      counts.throttled += 1;
      throw new Throttled();
    }
    tokens -= 1;
  };
  return { call, counts };
}

async function callMany(pacer: Pacer, time: FakeTime, calls: number, call: () => Promise<void>): Promise<void> {
  const one = async (): Promise<void> => {
    for (;;) {
      try {
        return await pacer.pace('iam:GetRole', undefined, call, isThrottled);
      } catch (error) {
        if (!isThrottled(error)) throw error;
        await time.sleep(500);
      }
    }
  };
  await time.run(Promise.all(Array.from({ length: calls }, one)));
}

describe('pacing', () => {
  it('sends a burst at once and then no faster than its rate', async () => {
    const time = new FakeTime();
    const pacer = new Pacer({ paces: { 'iam:GetRole': { perSecond: 10, burst: 5 } } }, time);
    await callMany(pacer, time, 105, () => time.sleep(1));
    expect(time.now()).toBeGreaterThanOrEqual(9_900);
    expect(time.now()).toBeLessThanOrEqual(10_600);
  });

  it('is never throttled at its defaults against 20 requests/s', async () => {
    const time = new FakeTime();
    const server = serverOf(time, 20, 20);
    await callMany(new Pacer({}, time), time, 1_500, server.call);
    expect(server.counts).toEqual({ calls: 1_500, throttled: 0 });
  });

  it('finds the rate of a server that allows less: under 2 % throttled, and at least two thirds of its rate used', async () => {
    const time = new FakeTime();
    const server = serverOf(time, 20, 20);
    const pacer = new Pacer({ paces: { 'iam:*': { perSecond: 60, burst: 5 } } }, time);
    await callMany(pacer, time, 3_000, server.call);
    expect(server.counts.throttled / server.counts.calls).toBeLessThan(0.02);
    expect(3_000 / (time.now() / 1000)).toBeGreaterThan(20 * (2 / 3));
  });

  it('halves once for requests that were in flight together, and recovers slowly', async () => {
    const time = new FakeTime();
    const pacer = new Pacer({ paces: { 'iam:*': { perSecond: 16, burst: 4 } } }, time);
    const fail = async (): Promise<void> => {
      await time.sleep(10);
      throw new Throttled();
    };
    const four = Array.from({ length: 4 }, () => pacer.pace('iam:GetRole', undefined, fail, isThrottled));
    await time.run(Promise.allSettled(four));
    expect(pacer.perSecond('iam:GetRole')).toBe(8);
    await time.run(
      time.sleep(60_000).then(() => pacer.pace('iam:GetRole', undefined, () => time.sleep(1), isThrottled)),
    );
    expect(pacer.perSecond('iam:GetRole')).toBe(16);
  });

  it('keeps a bucket for each action', async () => {
    const time = new FakeTime();
    const pacer = new Pacer({}, time);
    const fail = (): Promise<never> => Promise.reject(new Throttled());
    await expect(pacer.pace('iam:ListUsers', undefined, fail, isThrottled)).rejects.toThrow(Throttled);
    expect(pacer.perSecond('iam:ListUsers')).toBeLessThan(pacer.perSecond('iam:GetUser'));
  });

  it('keeps no more in flight than allowed', async () => {
    const time = new FakeTime();
    const pacer = new Pacer({ maxInFlight: 3, paces: { 'iam:*': { perSecond: 1000, burst: 100 } } }, time);
    let inFlight = 0;
    let most = 0;
    await callMany(pacer, time, 50, async () => {
      most = Math.max(most, (inFlight += 1));
      await time.sleep(20);
      inFlight -= 1;
    });
    expect(most).toBe(3);
  });

  it('stops waiting when the job is stopped', async () => {
    const pacer = new Pacer({ paces: { 'iam:*': { perSecond: 0.001, burst: 1 } } });
    const stop = new AbortController();
    const send = (): Promise<void> => pacer.pace('iam:GetRole', stop.signal, () => Promise.resolve(), isThrottled);
    await send();
    const waiting = send();
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
