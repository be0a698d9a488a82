import { registerEnumType } from '@nestjs/graphql';

export const EndpointChannel = { WEBHOOK: 'webhook', EMAIL: 'email', SLACK: 'slack', SNS: 'sns' } as const;

registerEnumType(EndpointChannel, {
  name: 'EndpointChannel',
  description: 'By what an endpoint is told.',
  valuesMap: {
    WEBHOOK: { description: 'Signed HTTPS requests to the Standard Webhooks specification.' },
    EMAIL: { description: 'E-mail, by the operator’s mail server.' },
    SLACK: { description: 'Slack, by an incoming webhook.' },
    SNS: { description: 'An Amazon SNS topic in one of the tenant’s own accounts.' },
  },
});

export const EndpointState = { ACTIVE: 'active', PAUSED: 'paused', DISABLED: 'disabled' } as const;

registerEnumType(EndpointState, {
  name: 'EndpointState',
  description: 'Whether an endpoint is told.',
  valuesMap: {
    ACTIVE: { description: 'It is told.' },
    PAUSED: { description: 'Somebody paused it: what it asks for waits until it is resumed.' },
    DISABLED: {
      description:
        'It wanted nothing any more (410), or has failed for five days: what it asks for fails at once, and can be replayed after `resumeEndpoint`.',
    },
  },
});

export const EndpointSends = {
  SINGLE: 'single',
  BATCH: 'batch',
  DAILY_DIGEST: 'daily-digest',
  WEEKLY_DIGEST: 'weekly-digest',
} as const;

registerEnumType(EndpointSends, {
  name: 'EndpointSends',
  description: 'How much at once an endpoint is told.',
  valuesMap: {
    SINGLE: { description: 'One message for each event.' },
    BATCH: { description: 'One message for the events of an account that come together, as those of a scan do.' },
    DAILY_DIGEST: { description: 'One summary of the tenant a day, and no events.' },
    WEEKLY_DIGEST: { description: 'One summary of the tenant a week, and no events.' },
  },
});

export const SigningScheme = { HMAC: 'hmac', ED25519: 'ed25519' } as const;

registerEnumType(SigningScheme, {
  name: 'SigningScheme',
  description: 'How webhooks are signed.',
  valuesMap: {
    HMAC: {
      description: 'With a secret that both know (`v1`, HMAC-SHA256): every Standard Webhooks library verifies it.',
    },
    ED25519: {
      description: 'With a key that only Mothball has (`v1a`); receivers need the public one, which is no secret.',
    },
  },
});
