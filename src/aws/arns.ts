import { badInput } from '../errors';
import { isPartition, PARTITIONS, type Partition } from './partitions';

/**
 * ARNs by hand: the SDK's parser is an internal package of it and accepts any text with five colons, while what is
 * needed here is the refusal, with a sentence that says which part is wrong.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export interface Arn {
  readonly partition: Partition;
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  readonly resource: string;
}

export interface RoleArn extends Arn {
  /** Begins and ends with `/`. */
  readonly path: string;
  readonly name: string;
}

const ACCOUNT_ID = /^\d{12}$/;
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html: names and paths.
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
const PATH = /^\/(?:[\x21-\x7e]*\/)?$/;
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;

const isAccountId = (text: string): boolean => ACCOUNT_ID.test(text);

/** @throws DomainError `BAD_INPUT` unless `text` is 12 digits; `field` names the input in the message. */
export function parseAccountId(text: string, field = 'awsAccountId'): string {
  if (isAccountId(text)) return text;
  throw badInput(`${field}: "${text}" is not an AWS account id. Give its 12 digits, without dashes or blanks.`);
}

/** @throws DomainError `BAD_INPUT` when `text` is no ARN of a known partition. */
export function parseArn(text: string, field = 'arn'): Arn {
  const match = /^arn:([^:]*):([^:]+):([^:]*):([^:]*):(.+)$/s.exec(text);
  if (!match) {
    throw badInput(`${field}: "${text}" is not an ARN. It should look like arn:aws:iam::123456789012:role/NAME.`);
  }
  const [, partition = '', service = '', region = '', accountId = '', resource = ''] = match;
  if (!isPartition(partition)) {
    throw badInput(`${field}: "${text}" names the partition "${partition}". Mothball knows ${PARTITIONS.join(', ')}.`);
  }
  return { partition, service, region, accountId, resource };
}

/**
 * Reads and checks a role's ARN.
 * @param expected what the role must belong to: `AssumeRole` does not cross partitions, and an account's role lives in it.
 * @throws DomainError `BAD_INPUT` naming the part that is wrong.
 */
export function parseRoleArn(
  text: string,
  expected: { partition?: Partition; accountId?: string } = {},
  field = 'roleArn',
): RoleArn {
  const arn = parseArn(text, field);
  const resource = /^role(\/.*\/|\/)([^/]+)$/.exec(arn.resource);
  const path = resource?.[1] ?? '';
  const name = resource?.[2] ?? '';
  if (arn.service !== 'iam' || arn.region !== '' || !ROLE_NAME.test(name) || !PATH.test(path)) {
    throw badInput(`${field}: "${text}" is not the ARN of an IAM role. It should look like ${exampleRole(expected)}.`);
  }
  parseAccountId(arn.accountId, `${field} (its account)`);
  if (expected.partition !== undefined && arn.partition !== expected.partition) {
    throw badInput(
      `${field}: "${text}" is in the partition ${arn.partition}, the account is in ${expected.partition}. ` +
        'Roles cannot be assumed across partitions: give the role of that account.',
    );
  }
  if (expected.accountId !== undefined && arn.accountId !== expected.accountId) {
    throw badInput(
      `${field}: "${text}" belongs to the account ${arn.accountId}, not to ${expected.accountId}. Give a role of that account.`,
    );
  }
  return { ...arn, path, name };
}

const exampleRole = (expected: { partition?: Partition; accountId?: string }): string =>
  roleArn(expected.partition ?? 'aws', expected.accountId ?? '123456789012', 'NAME');

export const roleArn = (partition: Partition, accountId: string, name: string, path = '/'): string =>
  `arn:${partition}:iam::${accountId}:role${path}${name}`;

export const rootArn = (partition: Partition, accountId: string): string => `arn:${partition}:iam::${accountId}:root`;

/** An AWS managed policy: it belongs to the partition, not to an account. */
export const awsPolicyArn = (partition: Partition, name: string): string => `arn:${partition}:iam::aws:policy/${name}`;

/**
 * The external id of one account: the random prefix of its registration or organization, then the account's id,
 * because one StackSet for many accounts can build it as `!Sub '${Prefix}-${AWS::AccountId}'`.
 * @throws DomainError `BAD_INPUT` when STS would not accept the outcome.
 */
export function externalIdFor(prefix: string, accountId: string): string {
  const externalId = `${prefix}-${parseAccountId(accountId)}`;
  if (EXTERNAL_ID.test(externalId)) return externalId;
  throw badInput(
    `externalId: the prefix "${prefix}" has characters that STS does not accept. Use letters, digits and =,.@:/-`,
  );
}

/** @throws DomainError `BAD_INPUT` unless `text` can be a role session's name or a source identity. */
export function parseSessionName(text: string, field = 'sessionName'): string {
  if (SESSION_NAME.test(text)) return text;
  throw badInput(`${field}: "${text}" is not 2 to 64 characters of letters, digits and _+=,.@-`);
}
