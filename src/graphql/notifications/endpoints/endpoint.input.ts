import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import { badInput } from '../../../errors';
import { type ChannelId, CHANNELS } from '../../../notifications/channels/channel';
import type { EndpointChange, EndpointRequest } from '../../../notifications/endpoints/endpoint-request';
import { ActArgs } from '../../core/acting';
import { NotificationFilterInput, toEventFilter } from '../notification-filter.type';
import { EndpointSends, SigningScheme } from './endpoint-words';

@InputType({ description: 'A webhook.' })
export class WebhookTargetInput {
  @Field(() => String, {
    description: 'The address: https, of a public host. Redirects are not followed.',
  })
  readonly url!: string;

  @Field(() => SigningScheme, { nullable: true, description: 'How requests are signed; left out: HMAC.' })
  readonly signing?: string | null;
}

@InputType({ description: 'E-mail.' })
export class EmailTargetInput {
  @Field(() => [String], { description: 'Whom it is sent to: 1 to 20 addresses.' })
  readonly recipients!: string[];
}

@InputType({ description: 'Slack.' })
export class SlackTargetInput {
  @Field(() => String, {
    description:
      'The address of an incoming webhook: https://hooks.slack.com/services/… It is a secret, and never shown again.',
  })
  readonly url!: string;
}

@InputType({ description: 'An Amazon SNS topic in one of the tenant’s accounts.' })
export class SnsTargetInput {
  @Field(() => String, { description: 'The topic: arn:aws:sns:…' })
  readonly topicArn!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The role in that account which may publish there; left out: mothball-notifications.',
  })
  readonly roleName?: string | null;
}

@InputType({ isOneOf: true, description: 'Where an endpoint is, and so by what it is told: exactly one of these.' })
export class EndpointTargetInput {
  @Field(() => WebhookTargetInput, { nullable: true, description: 'Signed HTTPS requests.' })
  readonly webhook?: WebhookTargetInput;

  @Field(() => EmailTargetInput, { nullable: true, description: 'E-mail.' })
  readonly email?: EmailTargetInput;

  @Field(() => SlackTargetInput, { nullable: true, description: 'Slack.' })
  readonly slack?: SlackTargetInput;

  @Field(() => SnsTargetInput, { nullable: true, description: 'Amazon SNS.' })
  readonly sns?: SnsTargetInput;
}

@InputType({ isAbstract: true })
class EndpointBounds {
  @Field(() => NotificationFilterInput, {
    nullable: true,
    description: 'What it asks for, whole; `{}`: everything. Digests take none.',
  })
  readonly filter?: NotificationFilterInput | null;

  @Field(() => EndpointSends, { nullable: true, description: 'How much at once it is told.' })
  readonly sends?: string | null;

  @Field(() => Int, { nullable: true, description: 'At most so many messages a minute, 1 to 6000.' })
  readonly perMinute?: number | null;

  @Field(() => Int, { nullable: true, description: 'At most so many at the same time, 1 to 20.' })
  readonly concurrency?: number | null;

  @Field(() => Int, { nullable: true, description: 'The version of the payload.' })
  readonly payloadVersion?: number | null;
}

@InputType({
  description:
    'An endpoint to make. What is left out has its default: everything, one message for each event, the newest version.',
})
export class EndpointInput extends EndpointBounds {
  @Field(() => String, { description: 'What you call it: 1 to 200 characters, once in the tenant.' })
  readonly name!: string;

  @Field(() => EndpointTargetInput, { description: 'Where it is.' })
  readonly to!: EndpointTargetInput;
}

@InputType({ description: 'What is to be different about an endpoint. What is left out stays.' })
export class EndpointChangeInput extends EndpointBounds {
  @Field(() => String, { nullable: true, description: 'What you call it.' })
  readonly name?: string | null;

  @Field(() => EndpointTargetInput, {
    nullable: true,
    description: 'Where it is. The channel stays what it is: for another one make another endpoint.',
  })
  readonly to?: EndpointTargetInput | null;
}

@ArgsType()
export class CreateEndpointArgs extends ActArgs {
  @Field(() => EndpointInput, { description: 'The endpoint.' })
  readonly input!: EndpointInput;
}

@ArgsType()
export class EndpointArgs extends ActArgs {
  @Field(() => ID, { description: 'The endpoint (its id).' })
  readonly id!: string;
}

@ArgsType()
export class ChangeEndpointArgs extends EndpointArgs {
  @Field(() => EndpointChangeInput, { description: 'What is to be different.' })
  readonly input!: EndpointChangeInput;
}

@ArgsType()
export class RotateEndpointSecretArgs extends EndpointArgs {
  @Field(() => String, {
    nullable: true,
    description: 'Slack only, where it is needed: the address of the new incoming webhook.',
  })
  readonly url?: string | null;
}

/** As the service takes it, which looks at it strictly by itself. Throws BAD_INPUT for ids that are none. */
export function toEndpointRequest({ to, ...rest }: EndpointInput): EndpointRequest {
  return { ...changeOf(rest), ...targetOf(to) } as EndpointRequest;
}

/** The same for a change of an endpoint of this channel, which it keeps. Throws BAD_INPUT for another one. */
export function toEndpointChange({ to, ...rest }: EndpointChangeInput, channel: ChannelId): EndpointChange {
  const change = changeOf(rest) as EndpointChange;
  if (to == null) return change;
  const target = targetOf(to);
  if (target.channel !== channel) {
    throw badInput(`input.to: this endpoint's channel is ${channel} and stays so; make another endpoint.`);
  }
  if (channel === 'slack') throw badInput('input.to.slack: a new address is given by rotateEndpointSecret(url: …).');
  return { ...change, settings: target.settings };
}

function changeOf({ filter, ...rest }: Omit<EndpointChangeInput, 'to'>): object {
  return withoutNulls({ ...rest, filter: filter == null ? null : toEventFilter(filter, 'input.filter') });
}

function targetOf(to: EndpointTargetInput): Target {
  // Held to exactly one by us as well: queries that are compiled do not look at values of variables for that.
  const named = (Object.keys(to) as ChannelId[]).filter((channel) => to[channel] != null);
  const [channel] = named;
  if (channel === undefined || named.length > 1) {
    throw badInput(`input.to: give exactly one of ${CHANNELS.join(', ')}.`);
  }
  if (channel === 'slack') return { channel, settings: {}, ...(to.slack ? { secret: to.slack.url } : {}) };
  return { channel, settings: withoutNulls({ ...to[channel] }) };
}

interface Target {
  readonly channel: ChannelId;
  readonly settings: Record<string, unknown>;
  readonly secret?: string;
}

const withoutNulls = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value != null));
