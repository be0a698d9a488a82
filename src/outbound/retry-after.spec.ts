import { retryAfterMs } from './retry-after';

const AT = new Date('2026-03-04T05:06:07.500Z');

it.each([
  ['120', 120_000],
  [' 7 ', 7_000],
  ['86400', 86_400_000],
  ['999999999999', 86_400_000],
  ['Wed, 04 Mar 2026 05:07:07 GMT', 59_500],
  ['Wed, 04 Mar 2099 05:07:07 GMT', 86_400_000],
  ['Wed, 04 Mar 2026 05:06:07 GMT', undefined],
  ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  ['Wed, 99 Mar 2026 05:07:07 GMT', undefined],
  ['0', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['1e9', undefined],
  ['0x10', undefined],
  ['9'.repeat(400), undefined],
  ['120, 240', undefined],
  ['soon', undefined],
  ['', undefined],
])('%j asks for %p', (value, wait) => {
  expect(retryAfterMs({ 'retry-after': value }, AT)).toBe(wait);
});

it('may be missing', () => expect(retryAfterMs({}, AT)).toBeUndefined());
