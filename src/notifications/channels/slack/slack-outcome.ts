import { startOfAnswer } from '../../../outbound/answer-text';
import type { OutboundAnswer } from '../../../outbound/outbound-request';
import { retryAfterMs } from '../../../outbound/retry-after';
import type { Outcome } from '../channel';

/**
 * What Slack answers when it does not take a message, and what to do.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors
 */
const REMEDIES: Readonly<Record<string, string>> = {
  invalid_payload: 'Slack could not read the message. Report this as a fault of Mothball.',
  no_text: 'Slack found no text in the message. Report this as a fault of Mothball.',
  too_many_attachments: 'The message has too many parts. Report this as a fault of Mothball.',
  user_not_found: 'The person whom the webhook writes to is gone. Make a new webhook.',
  channel_not_found: 'The channel is gone, or was made private. Make a new webhook.',
  channel_is_archived: 'The channel is archived. Make a webhook for another one.',
  action_prohibited: 'The workspace’s admins do not let webhooks write there. Ask them.',
  posting_to_general_channel_denied:
    'Not everybody may write to #general. Ask the workspace’s admins, or use another channel.',
  invalid_token: 'The webhook is no longer valid. Make a new one.',
  no_active_hooks: 'The webhook is switched off. Switch it on, or make a new one.',
  no_service: 'The webhook is switched off, removed or was never there. Make a new one.',
  no_service_id: 'The address of the webhook is not complete. Copy it again.',
  no_team: 'The workspace of the webhook is gone. Make a webhook in another one.',
  team_disabled: 'The workspace is switched off. Ask its owner.',
  rollup_error: 'Slack failed. It is tried again.',
};

/** Said of a webhook that is no more: nothing that is sent there will ever arrive. */
const GONE = new Set(['channel_is_archived', 'no_service', 'no_active_hooks', 'no_team']);

export function slackOutcome(answer: OutboundAnswer, at: Date): Outcome {
  const { status, headers } = answer;
  const text = startOfAnswer(answer);
  const seen = { status, answer: text };
  if (status === 200 && text === 'ok') return { kind: 'accepted', ...seen };
  const error = Object.keys(REMEDIES).find((name) => text === name);
  const why = `Slack answered ${status}${error === undefined ? '' : ` (${error})`}. ${REMEDIES[error ?? ''] ?? otherwise(status)}`;
  if (status === 410 || (error !== undefined && GONE.has(error))) return { kind: 'gone', why, ...seen };
  const wait = status === 429 || status === 503 ? retryAfterMs(headers, at) : undefined;
  return { kind: 'failed', why, ...seen, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
}

function otherwise(status: number): string {
  if (status === 429) return 'It takes one message a second. Lower the endpoint’s pace.';
  if (status >= 500) return 'It is tried again.';
  return status >= 200 && status < 400 ? 'That is not how Slack takes a message.' : 'Make a new webhook.';
}
