import { EndpointRun } from './endpoint-run';

const at = (seconds: number): Date => new Date(1_700_000_000_000 + seconds * 1_000);

describe('a run of an endpoint', () => {
  it('lets out as many as at once, and no more in any minute than the pace', () => {
    const run = new EndpointRun();
    run.begin([at(-61), at(-30), at(-10)]);
    expect(run.room(at(0).getTime(), 10, 5)).toBe(5);
    run.sent(at(0).getTime(), 5);
    expect(run.room(at(0).getTime(), 10, 5)).toBe(3);
    run.sent(at(0).getTime(), 3);
    expect(run.room(at(0).getTime(), 10, 5)).toBe(0);
    // The attempt of half a minute ago is over in half a minute.
    expect(run.pacedUntil(at(0).getTime(), 10)).toEqual(at(30));
    expect(run.room(at(31).getTime(), 10, 5)).toBe(1);
  });

  it('waits for the pace only where that is used up', () => {
    const run = new EndpointRun();
    run.begin([at(-30)]);
    expect(run.pacedUntil(at(0).getTime(), 2)).toBeNull();
  });

  it('waits longer where the pace was lowered meanwhile', () => {
    const run = new EndpointRun();
    run.begin([at(-50), at(-40), at(-30)]);
    expect(run.room(at(0).getTime(), 2, 5)).toBe(0);
    expect(run.pacedUntil(at(0).getTime(), 2)).toEqual(at(20));
  });

  it('ends after so many messages, or seconds', () => {
    let elapsedMs = 0;
    const run = new EndpointRun(() => elapsedMs);
    run.begin([]);
    run.sent(at(0).getTime(), 199);
    expect(run.room(at(0).getTime(), 6_000, 5)).toBe(1);
    elapsedMs = 10_001;
    expect(run.room(at(0).getTime(), 6_000, 5)).toBe(0);
    elapsedMs = 9_000;
    run.sent(at(0).getTime(), 1);
    expect(run.room(at(0).getTime(), 6_000, 5)).toBe(0);
  });

  it('rests for as long as it took where the answers were slow', () => {
    let elapsedMs = 0;
    const run = new EndpointRun(() => elapsedMs);
    run.begin([]);
    elapsedMs = 8_000;
    expect(run.restMs()).toBe(0);
    run.sent(at(0).getTime(), 2);
    run.took(900);
    run.took(1_000);
    expect(run.restMs()).toBe(0);
    run.took(5_000);
    expect(run.restMs()).toBe(8_000);
    elapsedMs = 100_000;
    expect(run.restMs()).toBe(15_000);
  });
});
