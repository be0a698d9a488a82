import type { Provider, Type } from '@nestjs/common';
import type { Channel, ChannelId } from './channel';
import { EmailChannel } from './email/email.channel';
import { Mailer } from './email/mailer.service';
import { Senders } from './email/senders.service';
import { SlackChannel } from './slack/slack.channel';
import { SnsChannel } from './sns/sns.channel';
import { TopicDoor } from './sns/topic-door.service';
import { WebhookChannel } from './webhook/webhook.channel';

/** Every channel there is; a new one is a line here. */
const channels: Type<Channel>[] = [WebhookChannel, EmailChannel, SlackChannel, SnsChannel];

/** The channels by their ids. */
export class Channels {
  private readonly byId: ReadonlyMap<ChannelId, Channel>;

  constructor(list: readonly Channel[]) {
    this.byId = new Map(list.map((channel) => [channel.id, channel]));
  }

  /** Its settings are those of `endpoints.settings` after they went through `channel.settings`. */
  of(id: ChannelId): Channel {
    const channel = this.byId.get(id);
    if (channel === undefined) throw new Error(`There is no channel "${id}".`);
    return channel;
  }
}

export const channelServices: Provider[] = [
  ...channels,
  Mailer,
  Senders,
  TopicDoor,
  { provide: Channels, useFactory: (...list: Channel[]) => new Channels(list), inject: channels },
];
