import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../protocol/aws-error';
import { QueryParameters } from '../protocol/query-parameters';
import { IAM_NAMESPACE, IAM_VERSION } from '../services/iam/iam';
import { ORGANIZATIONS_TARGET } from '../services/organizations/organizations';
import type { JsonInput } from '../services/organizations/organizations';
import { CLOUDTRAIL_TARGET } from '../services/cloudtrail/cloudtrail';
import { SNS_NAMESPACE, SNS_VERSION } from '../services/sns/sns';
import { STS_NAMESPACE, STS_VERSION } from '../services/sts/sts';

export type ServiceName = 'iam' | 'sts' | 'organizations' | 'sns' | 'cloudtrail';

/** One request, sorted to its service by its own protocol and later held against its signature's scope. */
export type AwsRequest =
  | { service: 'iam' | 'sts' | 'sns'; action: string; parameters: QueryParameters }
  | { service: 'organizations' | 'cloudtrail'; action: string; input: JsonInput };

const VERSIONS: Readonly<Record<string, 'iam' | 'sts' | 'sns'>> = {
  [IAM_VERSION]: 'iam',
  [STS_VERSION]: 'sts',
  [SNS_VERSION]: 'sns',
};
const TARGETS: Readonly<Record<string, 'organizations' | 'cloudtrail'>> = {
  [ORGANIZATIONS_TARGET]: 'organizations',
  [CLOUDTRAIL_TARGET]: 'cloudtrail',
};
const NAMESPACES: Readonly<Partial<Record<ServiceName, string>>> = { sts: STS_NAMESPACE, sns: SNS_NAMESPACE };

export const namespaceOf = (service: ServiceName): string => NAMESPACES[service] ?? IAM_NAMESPACE;

/** Which protocol an answer must speak, even where the request itself is broken. */
export const speaksJson = (headers: IncomingHttpHeaders): boolean => headers['x-amz-target'] !== undefined;

/** Throws `InvalidAction`, `MalformedInput`, `UnknownOperationException`, `SerializationException`. */
export function readRequest(headers: IncomingHttpHeaders, method: string, url: URL, body: string): AwsRequest {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return readJson(target, body);
  const form = method === 'GET' ? url.search.slice(1) : body;
  const parameters = QueryParameters.parse(form);
  const action = parameters.optional('Action');
  const version = parameters.optional('Version');
  if (action === undefined || action === '') {
    throw new AwsError('MissingAction', 'The request is missing an action or a required parameter.');
  }
  const service = version === undefined ? undefined : VERSIONS[version];
  if (service === undefined) {
    throw new AwsError(
      'InvalidAction',
      `Could not find operation ${action} for version ${version ?? 'NO_VERSION_SPECIFIED'}`,
    );
  }
  return { service, action, parameters };
}

function readJson(target: string, body: string): AwsRequest {
  const [prefix, action] = target.split('.');
  const service = TARGETS[prefix ?? ''];
  if (service === undefined || action === undefined) {
    throw new AwsError('UnknownOperationException', `Unknown target ${target}.`);
  }
  let input: unknown;
  try {
    input = JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.');
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new AwsError('SerializationException', 'Start of structure or map expected.');
  }
  return { service, action, input: { ...input } };
}

/** Parameters as the request log and faults see them. */
export function loggedParameters(request: AwsRequest): Record<string, string> {
  if ('parameters' in request) return request.parameters.forLog();
  return Object.fromEntries(
    Object.entries(request.input).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
