import { bothOpen, type ChangeWindow, isOpen, isTimeZone, isWithinWindows, nextOpening, NEVER } from './change-windows';

const nights: ChangeWindow = {
  weekdays: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
  from: '22:00',
  to: '04:00',
  timeZone: 'Europe/Berlin',
};
const saturday: ChangeWindow = { weekdays: ['SAT'], from: '00:00', to: '00:00', timeZone: 'UTC' };

describe('change windows', () => {
  it('are open at any time where there are none', () => {
    expect(isOpen([], new Date())).toBe(true);
    expect(nextOpening([], new Date(5))).toEqual(new Date(5));
  });

  it('go by the wall clock of their time zone, in summer and in winter', () => {
    // Wednesday; Berlin is two hours ahead in July and one in January.
    expect(isOpen([nights], new Date('2026-07-08T19:59:00Z'))).toBe(false);
    expect(isOpen([nights], new Date('2026-07-08T20:00:00Z'))).toBe(true);
    expect(isOpen([nights], new Date('2026-01-07T20:59:00Z'))).toBe(false);
    expect(isOpen([nights], new Date('2026-01-07T21:00:00Z'))).toBe(true);
  });

  it('go on after midnight, also from one week into the next', () => {
    expect(isOpen([nights], new Date('2026-07-11T01:59:00Z'))).toBe(true);
    expect(isOpen([nights], new Date('2026-07-11T02:00:00Z'))).toBe(false);
    const sunday: ChangeWindow = { weekdays: ['SUN'], from: '23:00', to: '01:00', timeZone: 'UTC' };
    expect(isOpen([sunday], new Date('2026-07-13T00:59:00Z'))).toBe(true);
    expect(isOpen([sunday], new Date('2026-07-13T01:00:00Z'))).toBe(false);
  });

  it('are a whole day where they begin and end at the same time', () => {
    expect(isOpen([saturday], new Date('2026-07-11T00:00:00Z'))).toBe(true);
    expect(isOpen([saturday], new Date('2026-07-11T23:59:00Z'))).toBe(true);
    expect(isOpen([saturday], new Date('2026-07-12T00:00:00Z'))).toBe(false);
  });

  it('say when they open next', () => {
    expect(nextOpening([nights, saturday], new Date('2026-07-08T12:34:56Z'))).toEqual(new Date('2026-07-08T20:00:00Z'));
    // From Saturday, whose window is over, to Monday night.
    expect(nextOpening([nights, saturday], new Date('2026-07-12T00:00:00Z'))).toEqual(new Date('2026-07-13T20:00:00Z'));
    expect(nextOpening([nights], new Date('2026-07-08T21:00:00Z'))).toEqual(new Date('2026-07-08T21:00:00Z'));
  });

  it('open by the wall clock after the clocks have changed, and skip what the change leaves out', () => {
    // In the night to 29 March 2026 Berlin goes from 02:00 to 03:00.
    const early: ChangeWindow = { weekdays: ['SUN'], from: '02:15', to: '02:45', timeZone: 'Europe/Berlin' };
    expect(nextOpening([early], new Date('2026-03-28T12:00:00Z'))).toEqual(new Date('2026-04-05T00:15:00Z'));
    const morning: ChangeWindow = { ...early, from: '06:00', to: '07:00' };
    expect(nextOpening([morning], new Date('2026-03-28T12:00:00Z'))).toEqual(new Date('2026-03-29T04:00:00Z'));
  });

  it('never open where two have nothing in common', () => {
    const common = bothOpen([nights], [saturday]);
    expect(common).toEqual([NEVER]);
    expect(isOpen(common, new Date('2026-07-11T12:00:00Z'))).toBe(false);
    expect(nextOpening(common, new Date('2026-07-11T12:00:00Z'))).toBeNull();
  });

  it('give what two have in common, and the other where one has none', () => {
    const office: ChangeWindow = { weekdays: ['FRI', 'SAT'], from: '03:00', to: '23:00', timeZone: 'Europe/Berlin' };
    expect(bothOpen([nights], [office])).toEqual([
      { weekdays: ['FRI'], from: '03:00', to: '04:00', timeZone: 'Europe/Berlin' },
      { weekdays: ['FRI'], from: '22:00', to: '23:00', timeZone: 'Europe/Berlin' },
      { weekdays: ['SAT'], from: '03:00', to: '04:00', timeZone: 'Europe/Berlin' },
    ]);
    expect(bothOpen([], [office])).toEqual([office]);
    expect(bothOpen([office], [])).toEqual([office]);
  });

  it('lie within others, or do not', () => {
    const short: ChangeWindow = { ...nights, weekdays: ['MON'], from: '23:00', to: '02:00' };
    expect(isWithinWindows([short], [nights])).toBe(true);
    expect(isWithinWindows([nights], [short])).toBe(false);
    expect(isWithinWindows([], [nights])).toBe(false);
    expect(isWithinWindows([nights], [])).toBe(true);
    expect(isWithinWindows([{ ...short, timeZone: 'UTC' }], [nights])).toBe(false);
  });

  it('know time zones', () => {
    expect(isTimeZone('Asia/Kolkata')).toBe(true);
    expect(isTimeZone('Mars/Olympus')).toBe(false);
  });
});
