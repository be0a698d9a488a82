import { HOUR_MS } from '../../clock';
import { daysAgo, NOW } from '../actions/test-subjects';
import { defaultRules } from '../rules/cleanup-rules';
import {
  announcementDue,
  deletionDue,
  fullQuarantineFrom,
  graceMs,
  nextListening,
  retryAfterUnknown,
  stageEnd,
} from './due-times';

const DAY_MS = 86_400_000;
const ahead = (days: number): Date => daysAgo(-days);
const timed = {
  stage: 'quarantined',
  deletion_due_at: null,
  deletion_announced_at: null,
  silenced_at: null,
} as const;

describe('the times of a quarantine', () => {
  it('give each kind its grace, and never less than a day', () => {
    expect(graceMs('role', defaultRules)).toBe(35 * DAY_MS);
    expect(graceMs('observed-key', defaultRules)).toBe(7 * DAY_MS);
    const none = { graceDays: { accessKey: 0, password: 0, user: 0, role: 0 } };
    expect(graceMs('access-key', none)).toBe(DAY_MS);
    expect(deletionDue('user', NOW, none)).toEqual(ahead(1));
  });

  it('look as often as the rules say, and at the announcement and the end on time', () => {
    const look = new Date(NOW.getTime() + 6 * HOUR_MS);
    expect(nextListening(timed, defaultRules, NOW)).toEqual(look);
    expect(nextListening({ ...timed, deletion_due_at: ahead(7) }, defaultRules, NOW)).toEqual(look);
    expect(nextListening({ ...timed, deletion_due_at: ahead(2.1) }, defaultRules, NOW)).toEqual(ahead(0.1));
    const announced = { ...timed, deletion_announced_at: NOW };
    expect(nextListening({ ...announced, deletion_due_at: ahead(2) }, defaultRules, NOW)).toEqual(look);
    expect(nextListening({ ...announced, deletion_due_at: ahead(0.1) }, defaultRules, NOW)).toEqual(ahead(0.1));
  });

  it('announce at once what has a shorter grace than the notice', () => {
    expect(announcementDue({ deletion_due_at: ahead(1) })).toEqual(daysAgo(1));
    expect(nextListening({ ...timed, deletion_due_at: ahead(1) }, defaultRules, NOW)).toEqual(NOW);
    expect(announcementDue({ deletion_due_at: null })).toBeNull();
  });

  it('end a silence after its hours, and a quarantine that is to stay never', () => {
    expect(stageEnd({ ...timed, stage: 'silenced', silenced_at: NOW }, defaultRules)).toEqual(ahead(1));
    expect(stageEnd(timed, defaultRules)).toBeNull();
    expect(stageEnd({ ...timed, stage: 'halted', deletion_due_at: daysAgo(1) }, defaultRules)).toBeNull();
  });

  it('ask again soon after no answer, then less often', () => {
    expect(retryAfterUnknown(NOW, NOW)).toEqual(new Date(NOW.getTime() + HOUR_MS / 2));
    expect(retryAfterUnknown(daysAgo(2), NOW)).toEqual(new Date(NOW.getTime() + 6 * HOUR_MS));
  });
});

describe('a full quarantine', () => {
  const full = {
    ...timed,
    course: 'user',
    quarantined_at: daysAgo(8),
    deletion_due_at: daysAgo(1),
    deletion_announced_at: daysAgo(3),
    silenced_at: daysAgo(1),
  } as const;

  it('is over when its grace, a whole day and the silence are', () => {
    expect(fullQuarantineFrom(full, defaultRules)).toEqual(NOW);
    expect(fullQuarantineFrom({ ...full, silenced_at: null }, defaultRules)).toEqual(daysAgo(1));
    expect(fullQuarantineFrom(full, { silenceHours: 1 })).toEqual(NOW);
    expect(fullQuarantineFrom({ ...full, silenced_at: null, quarantined_at: NOW }, defaultRules)).toEqual(ahead(1));
  });

  it.each(['quarantined_at', 'deletion_due_at', 'deletion_announced_at'] as const)('needs %s', (missing) => {
    expect(fullQuarantineFrom({ ...full, [missing]: null }, defaultRules)).toBeNull();
  });
});
