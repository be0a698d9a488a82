import { badInput } from '../errors';

/** AWS's separate worlds: credentials, roles and ARNs of one mean nothing in another. */
export const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'] as const;
export type Partition = (typeof PARTITIONS)[number];

/**
 * The region of each partition's IAM control plane, used for STS and Organizations as well unless another is configured.
 * https://docs.aws.amazon.com/general/latest/gr/iam-service.html
 */
const HOME_REGIONS: Readonly<Record<Partition, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

export const homeRegion = (partition: Partition): string => HOME_REGIONS[partition];

export const isPartition = (text: string): text is Partition => (PARTITIONS as readonly string[]).includes(text);

/** @throws DomainError `BAD_INPUT` for anything but the partitions that Mothball knows. */
export function parsePartition(text: string): Partition {
  if (isPartition(text)) return text;
  throw badInput(
    `partition: "${text}" is not an AWS partition that Mothball knows. Use one of ${PARTITIONS.join(', ')}.`,
  );
}
