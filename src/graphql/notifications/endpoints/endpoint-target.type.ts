import { Field, ObjectType } from '@nestjs/graphql';
import type { EndpointRow } from '../../../notifications/endpoints/endpoint';
import { SigningScheme } from './endpoint-words';

@ObjectType({ description: 'A webhook.' })
export class WebhookTarget {
  @Field(() => String, { description: 'The address that requests are sent to.' })
  readonly url!: string;

  @Field(() => SigningScheme, { description: 'How they are signed.' })
  readonly signing!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'With ED25519: the public key, `whpk_…`, that receivers verify with. Null: with HMAC, the secret is shown once only.',
  })
  readonly publicKey!: string | null;
}

@ObjectType({ description: 'E-mail.' })
export class EmailTarget {
  @Field(() => [String], { description: 'Whom it is sent to.' })
  readonly recipients!: readonly string[];
}

@ObjectType({ description: 'An Amazon SNS topic.' })
export class SnsTarget {
  @Field(() => String, { description: 'The topic.' })
  readonly topicArn!: string;

  @Field(() => String, { description: 'The role that is assumed to publish there.' })
  readonly roleName!: string;
}

@ObjectType({
  description:
    'Where an endpoint is: the one of these that its channel is. None of Slack: its address is a secret, and never shown.',
})
export class EndpointTarget {
  @Field(() => WebhookTarget, { nullable: true, description: 'With the channel WEBHOOK.' })
  readonly webhook!: WebhookTarget | null;

  @Field(() => EmailTarget, { nullable: true, description: 'With the channel EMAIL.' })
  readonly email!: EmailTarget | null;

  @Field(() => SnsTarget, { nullable: true, description: 'With the channel SNS.' })
  readonly sns!: SnsTarget | null;

  static from({ channel, settings, public_key: publicKey }: EndpointRow): EndpointTarget {
    const of = <T>(wanted: EndpointRow['channel']): T | null =>
      channel === wanted ? ({ ...settings, publicKey } as T) : null;
    return { webhook: of('webhook'), email: of('email'), sns: of('sns') };
  }
}
