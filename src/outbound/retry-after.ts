import { DAY_MS } from '../clock';

/** RFC 9110, section 5.6.7: the one form that is sent today. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * What `Retry-After` asks for, in milliseconds from `at`: seconds or a date (RFC 9110, section 10.2.3), a day at most.
 * Undefined: it is not there, makes no sense, or is over.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, at: Date): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  const wait = /^\d{1,12}$/.test(value)
    ? Number(value) * 1_000
    : HTTP_DATE.test(value)
      ? Date.parse(value) - at.getTime()
      : NaN;
  return wait > 0 ? Math.min(wait, DAY_MS) : undefined;
}
