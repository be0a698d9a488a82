import type { z } from 'zod';
import type { Message } from './message';

export const CHANNELS = ['webhook', 'email', 'slack', 'sns'] as const;

export type ChannelId = (typeof CHANNELS)[number];

/** An endpoint that is about to be sent to: its settings checked, its secrets open for as long as this takes. */
export interface OpenEndpoint<S = unknown> {
  readonly tenantId: string;
  readonly id: string;
  readonly settings: S;
  readonly secret: string | null;
  /** The one before it, while it still signs. */
  readonly previousSecret: string | null;
}

/** What became of one attempt. `answer`: the start of what came back, at most 1,000 characters. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly status?: number; readonly answer?: string }
  | {
      readonly kind: 'failed';
      /** A sentence for people, without secrets. */
      readonly why: string;
      readonly status?: number;
      readonly answer?: string;
      /** The receiver asked to be left alone for that long. */
      readonly retryAfterMs?: number;
    }
  /** It wants nothing any more, ever (410): the endpoint is disabled. */
  | { readonly kind: 'gone'; readonly why: string; readonly status?: number; readonly answer?: string };

/** One way to tell people and systems; one file each, listed in `index.ts`. */
export interface Channel<S = unknown> {
  readonly id: ChannelId;
  /** Strict; its errors are shown to whoever sets the endpoint up. */
  readonly settings: z.ZodType<S>;
  /** Whether it signs, or needs an address that is a secret; `made`: the service makes it and shows it once. */
  readonly secret: 'none' | 'given' | 'made';
  /** Of those that are made: what is kept sealed, and what is shown once (a public key, where there is one). */
  newSecret?(settings: S): { readonly secret: string; readonly shown: string };
  /** What of a secret may be shown at any time. */
  publicKeyOf?(secret: string): string | null;
  /** Throws BAD_INPUT naming the field for what can be seen to be wrong without sending. */
  mustBeUsable(tenantId: string, settings: S, secret: string | null): Promise<void>;
  /** One attempt, at most 15 s. Never throws for what the receiver or the network does: that is an outcome. */
  send(endpoint: OpenEndpoint<S>, message: Message, at: Date): Promise<Outcome>;
}
