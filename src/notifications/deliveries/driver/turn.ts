import type { Message } from '../../channels/message';
import type { DeliveryRow } from '../delivery';
import type { SendingEndpoint } from './sending-endpoint';

/** One attempt that was written down and is about to go out. */
export interface Turn {
  readonly attemptId: string;
  /** As it was taken; `attempts` counts this one. */
  readonly delivery: Pick<DeliveryRow, 'id' | 'object_key' | 'seq' | 'attempts' | 'replays'>;
  readonly message: Message;
}

/** What goes out together: at most as many as the endpoint takes at once. */
export interface Turns {
  readonly endpoint: SendingEndpoint;
  readonly turns: readonly Turn[];
}

/** Why a run ends. */
export type Over = { readonly over: true; readonly notBefore: Date | null };
