import type { Outcome } from '../channel';
import { oneLine } from '../words/line';

/** What nodemailer says of a mail that was not taken, or not for all. Read by shape: it is not ours. */
export interface SmtpFailure {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  readonly command?: unknown;
  readonly recipient?: unknown;
  readonly rejectedErrors?: unknown;
}

const ANSWER = 1_000;

/**
 * Enhanced codes that say that an address is none, for good: no such mailbox, no such domain, moved away, a domain
 * that takes no mail, disabled. https://www.iana.org/assignments/smtp-enhanced-status-codes
 */
const NO_SUCH_ADDRESS = /^5\d\d[ -]5\.(?:1\.[1236]|1\.10|2\.1)\b/;

/** Some have it: that is accepted, since sending it again would give it to them twice. Who has not is in the answer. */
export function accepted(response: string, refused: readonly SmtpFailure[]): Outcome {
  const parts = [response, ...refused.map((one) => `Not for ${String(one.recipient)}: ${textOf(one.response)}`)];
  return {
    kind: 'accepted',
    ...statusOf(Number(/^\d{3}/.exec(response)?.[0])),
    answer: oneLine(parts.join(' / '), ANSWER),
  };
}

/** What the server said is for the tenant to read; where it stands, and what it thinks of our login, is the operator's. */
export function notAccepted(failure: SmtpFailure): Outcome {
  const answer = oneLine(textOf(failure.response), ANSWER);
  const known = { ...statusOf(failure.responseCode), ...(answer === '' ? {} : { answer }) };
  const refused = Array.isArray(failure.rejectedErrors) ? (failure.rejectedErrors as SmtpFailure[]) : [];
  if (refused.length > 0 && refused.every(({ response }) => NO_SUCH_ADDRESS.test(textOf(response)))) {
    return {
      kind: 'gone',
      why: 'The mail server says that none of the addresses exists. Correct the recipients.',
      ...known,
    };
  }
  const { code } = failure;
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2') {
    return failed('The mail server did not accept the operator’s login (MOTHBALL_SMTP_URL).');
  }
  if (code === 'ETLS' || code === 'EREQUIRETLS') {
    return failed('The mail server could not be spoken to with TLS, which is a must. Its operator has to see to that.');
  }
  if (answer === '' || typeof failure.responseCode !== 'number') {
    return failed(`The mail server could not be reached, or did not answer in time (${nameOf(code)}).`);
  }
  const step = typeof failure.command === 'string' ? ` to ${oneLine(failure.command, 30)}` : '';
  const { responseCode } = failure;
  return responseCode >= 500
    ? {
        ...failed(`The mail server refused it: ${responseCode}${step}. Unless something is changed, it will again.`),
        ...known,
      }
    : { ...failed(`The mail server cannot take it now: ${responseCode}${step}.`), ...known };
}

const failed = (why: string): Outcome => ({ kind: 'failed', why });

const textOf = (response: unknown): string => (typeof response === 'string' ? response : '');

const nameOf = (code: unknown): string => (typeof code === 'string' && /^E[A-Z]+$/.test(code) ? code : 'ESOCKET');

const statusOf = (code: unknown): { status?: number } =>
  typeof code === 'number' && Number.isInteger(code) ? { status: code } : {};
