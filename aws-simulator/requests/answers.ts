import { AwsError } from '../protocol/aws-error';
import { queryAnswer, queryError } from '../protocol/xml';
import type { XmlObject } from '../protocol/xml';
import type { JsonObject } from '../services/organizations/organizations';
import { WorldError } from '../world/world-error';
import { namespaceOf } from './read-request';
import type { ServiceName } from './read-request';

export interface HttpAnswer {
  status: number;
  contentType: string;
  body: string;
}

const XML = 'text/xml';
const JSON_1_1 = 'application/x-amz-json-1.1';

export const xmlAnswer = (
  service: ServiceName,
  action: string,
  result: XmlObject | undefined,
  requestId: string,
): HttpAnswer => ({
  status: 200,
  contentType: XML,
  body: queryAnswer(action, namespaceOf(service), result, requestId),
});

export const jsonAnswer = (result: JsonObject): HttpAnswer => ({
  status: 200,
  contentType: JSON_1_1,
  body: JSON.stringify(result),
});

export function errorAnswer(error: AwsError, json: boolean, service: ServiceName, requestId: string): HttpAnswer {
  if (!json)
    return { status: error.status, contentType: XML, body: queryError(error, namespaceOf(service), requestId) };
  const body = { __type: JSON_CODES[error.code] ?? error.code, Message: error.message };
  return { status: error.status >= 500 ? error.status : 400, contentType: JSON_1_1, body: JSON.stringify(body) };
}

/** JSON services have names of their own for what all services can answer. */
const JSON_CODES: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  ServiceFailure: 'ServiceException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  Throttling: 'TooManyRequestsException',
};

const WORLD_STATUS: Readonly<Record<string, number>> = {
  EntityAlreadyExists: 409,
  NoSuchEntity: 404,
  ReportExpired: 410,
  ReportInProgress: 404,
  ReportNotPresent: 410,
  ServiceFailure: 500,
};

/** Anything thrown, as AWS would say it. A fault of the simulator's own is an `InternalFailure` with its message. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof WorldError) return new AwsError(error.code, error.message, WORLD_STATUS[error.code] ?? 400);
  return new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), 500);
}
