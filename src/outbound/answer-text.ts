import type { OutboundAnswer } from './outbound-request';

/** Characters of an answer that are kept for people to look at. */
const MOST_ANSWER_CHARACTERS = 1_000;

/** The start of an answer as one line of plain text: no control or invisible characters, nothing compressed. */
export function startOfAnswer({ headers, body }: Pick<OutboundAnswer, 'headers' | 'body'>): string {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity' && body.length > 0) {
    return '(compressed, although that was not asked for: not shown)';
  }
  const text = body
    .subarray(0, 4 * MOST_ANSWER_CHARACTERS)
    .toString('utf8')
    .replace(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return [...text].slice(0, MOST_ANSWER_CHARACTERS).join('');
}
