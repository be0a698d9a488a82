import { z } from 'zod';
import { isPartition, type Partition } from '../../../aws/partitions';

const DEFAULT_NOTIFICATIONS_ROLE = 'mothball-notifications';

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
const TOPIC =
  /^arn:([a-z-]+):sns:([a-z]{2}(?:-[a-z]+)+-\d):(\d{12}):([A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo)$/;
/** A path in front is part of where the role is. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const ROLE = /^(?:[\w+=,.@-]{1,64}\/){0,8}[\w+=,.@-]{1,64}$/;

export interface Topic {
  readonly arn: string;
  readonly partition: Partition;
  readonly region: string;
  readonly accountId: string;
  readonly fifo: boolean;
}

/** Null for anything but the ARN of a topic in a partition that Mothball knows. */
export function topicOf(arn: string): Topic | null {
  const [, partition = '', region = '', accountId = '', name = ''] = TOPIC.exec(arn) ?? [];
  if (!isPartition(partition)) return null;
  return { arn, partition, region, accountId, fifo: name.endsWith('.fifo') };
}

/** A topic in one of the tenant's accounts, and the role there that may publish to it. */
export const snsSettings = z.strictObject({
  topicArn: z.string().refine((arn) => topicOf(arn) !== null, {
    error: 'must be the ARN of a topic, such as arn:aws:sns:eu-central-1:123456789012:mothball',
  }),
  roleName: z
    .string()
    .regex(
      ROLE,
      'must be the name of a role in the topic’s account, with its path if it has one: team/mothball-notifications',
    )
    .default(DEFAULT_NOTIFICATIONS_ROLE),
});

export type SnsSettings = z.output<typeof snsSettings>;
