import { z } from 'zod';
import { SIGNINGS } from './signing-secrets';

export const webhookSettings = z.strictObject({
  url: z.string('the address that takes the messages, as "https://hooks.example.com/mothball"').min(1).max(2_000),
  signing: z.enum(SIGNINGS, 'hmac (one secret on both sides) or ed25519 (you get the public key)').default('hmac'),
});

export type WebhookSettings = z.infer<typeof webhookSettings>;
