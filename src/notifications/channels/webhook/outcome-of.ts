import { startOfAnswer } from '../../../outbound/answer-text';
import type { OutboundAnswer } from '../../../outbound/outbound-request';
import { retryAfterMs } from '../../../outbound/retry-after';
import type { Outcome } from '../channel';

/**
 * What an answer means
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#delivery-success-and-failure).
 */
export function outcomeOf(answer: OutboundAnswer, at: Date): Outcome {
  const { status, headers } = answer;
  const seen = { status, answer: startOfAnswer(answer) };
  if (status >= 200 && status < 300) return { kind: 'accepted', ...seen };
  if (status === 410) {
    return { kind: 'gone', why: 'It answered 410 (gone): it wants no more messages.', ...seen };
  }
  const wait = status === 429 || status === 503 ? retryAfterMs(headers, at) : undefined;
  return { kind: 'failed', why: whyOf(status), ...seen, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
}

function whyOf(status: number): string {
  if (status >= 300 && status < 400) {
    return `It answered ${status}, which leads elsewhere. Redirects are not followed: change the endpoint's address.`;
  }
  if (status === 401 || status === 403) return `It answered ${status}: it does not let messages in. Check its secret.`;
  if (status === 429) return 'It answered 429: too many messages for it. Lower the endpoint’s pace.';
  return `It answered ${status}; a status from 200 to 299 accepts a message.`;
}
