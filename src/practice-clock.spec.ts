import { EventEmitter } from 'node:events';
import { readConfig } from './config';
import { PracticeClock } from './practice-clock';

class Parent extends EventEmitter {
  readonly told: unknown[] = [];
  send(message: unknown): boolean {
    this.told.push(message);
    return true;
  }
}

describe('a practice clock', () => {
  it('goes with the real one until the parent process puts it ahead, and says so', () => {
    const clock = new PracticeClock();
    const parent = new Parent();
    clock.obey(parent as unknown as NodeJS.Process);
    expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(1_000);
    parent.emit('message', { type: 'clock', aheadMs: 86_400_000 });
    parent.emit('message', { type: 'something else' });
    expect(clock.now().getTime() - Date.now()).toBeGreaterThan(86_399_000);
    expect(parent.told).toEqual([{ type: 'clock', aheadMs: 86_400_000 }]);
  });

  it.each([-1, 0.5, Number.NaN])('never goes back, and by whole milliseconds: %p', (aheadMs) => {
    expect(() => new PracticeClock().putAhead(aheadMs)).toThrow(/forward only/);
  });
});

describe('MOTHBALL_PRACTICE_CLOCK', () => {
  const database = 'postgres://x@127.0.0.1/x';
  const environment = {
    MOTHBALL_APP_DATABASE_URL: database,
    MOTHBALL_DISPATCHER_DATABASE_URL: database,
    MOTHBALL_PLATFORM_DATABASE_URL: database,
    MOTHBALL_QUEUE_DATABASE_URL: database,
    MOTHBALL_ENCRYPTION_KEYS: `1:${Buffer.alloc(32, 7).toString('base64')}`,
  };

  it('is off unless asked for', () => {
    expect(readConfig(environment).practiceClock).toBe(false);
    expect(readConfig({ ...environment, MOTHBALL_PRACTICE_CLOCK: 'true' }).practiceClock).toBe(true);
  });

  it.each([{ MOTHBALL_PRODUCTION: 'true' }, { NODE_ENV: 'production' }])(
    'is refused in production: %j',
    (production) => {
      const practising = { ...environment, ...production, MOTHBALL_PRACTICE_CLOCK: 'true' };
      expect(() => readConfig(practising)).toThrow(/MOTHBALL_PRACTICE_CLOCK: .*production/);
    },
  );
});
