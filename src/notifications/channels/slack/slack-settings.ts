import { z } from 'zod';
import { badInput } from '../../../errors';

/** Everything that an incoming webhook needs is in its address, which is the secret: whoever has it may write there. */
export const slackSettings = z.strictObject({});

export type SlackSettings = z.output<typeof slackSettings>;

const HOSTS = ['hooks.slack.com', 'hooks.slack-gov.com'];

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ */
const PATH = /^\/services\/T[A-Z0-9]{2,20}\/B[A-Z0-9]{2,20}\/[A-Za-z0-9]{8,64}$/;

/**
 * The address of an incoming webhook, as it is to be sent to.
 * @param loopback whether tests and the demo may name a place on this machine
 * @throws BAD_INPUT without the address in it
 */
export function webhookAddress(secret: string | null, loopback: boolean): string {
  const url = secret !== null && URL.canParse(secret) ? new URL(secret) : null;
  if (url === null || url.href !== secret || url.username !== '' || url.search !== '' || url.hash !== '') throw wrong();
  const isHere = loopback && url.protocol === 'http:' && ['127.0.0.1', '[::1]'].includes(url.hostname);
  const isSlack = url.protocol === 'https:' && HOSTS.includes(url.host);
  if (!(isHere || isSlack) || !PATH.test(url.pathname)) throw wrong();
  return url.href;
}

const wrong = () =>
  badInput(
    'url: must be the address of an incoming webhook, as Slack shows it: https://hooks.slack.com/services/T…/B…/…. Make one in an app of your workspace; addresses of workflows (/triggers, /workflows) take other messages.',
  );
