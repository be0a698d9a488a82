import { DriverRun } from './driver-run';

describe('a run of a driver', () => {
  let now = 0;
  const begun = (): DriverRun => {
    now = 1_000;
    return new DriverRun(() => now);
  };

  it('is over after ten seconds', () => {
    const run = begun();
    now += 9_999;
    expect(run.isOver()).toBe(false);
    now += 1;
    expect(run.isOver()).toBe(true);
  });

  it.each([
    ['nothing was asked', [], 30, 0],
    ['it is answered fast', [999, 900, 1_000], 9_000, 0],
    ['it is answered slowly', [1_000, 4_000], 5_100, 5_100],
    ['it took a long time', [14_000, 14_000], 28_000, 15_000],
  ])('rests as long as it took where answers are slow, 15 seconds at most: %s', (_what, latencies, tookMs, restMs) => {
    const run = begun();
    for (const latency of latencies) run.asked(latency);
    now += tookMs;
    expect(run.restMs()).toBe(restMs);
  });
});
