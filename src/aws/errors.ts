import { DomainError } from '../errors';

/** Where an error came up, as far as known: it makes the sentences concrete. */
export interface AwsErrorContext {
  /** `iam:ListUsers`. */
  readonly action?: string;
  /** The role whose permissions were used; null: ambient credentials. */
  readonly roleArn?: string | null;
  readonly accountId?: string;
}

const THROTTLING = new Set([
  'BandwidthLimitExceeded',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttled',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'NotAuthorized',
  'UnauthorizedOperation',
]);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired']);
const BAD_CREDENTIALS = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'IncompleteSignature',
  'AuthFailure',
]);
const BAD_SIGNATURE = new Set(['SignatureDoesNotMatch', 'InvalidSignatureException', 'RequestTimeTooSkewed']);
const NOT_SUBSCRIBED = new Set(['OptInRequired', 'SubscriptionRequiredException']);
const UNSUPPORTED = new Set([
  'InvalidAction',
  'UnknownOperationException',
  'NotImplemented',
  'NotImplementedException',
]);
const INVALID = new Set([
  'ValidationError',
  'ValidationException',
  'InvalidInput',
  'InvalidInputException',
  'InvalidParameter',
  'InvalidParameterValue',
  'InvalidParameterException',
  'MalformedPolicyDocument',
  'MalformedPolicyDocumentException',
]);
const POLICY_TOO_LARGE = new Set(['PackedPolicyTooLarge', 'PackedPolicyTooLargeException']);
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

interface Facts {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
}

/**
 * The network's code may sit in a cause or in the members of an AggregateError (both addresses of localhost). Read by
 * shape: errors of Node's core are no `instanceof Error` of another realm, such as a test's.
 */
function factsOf(error: unknown, depth = 0): Facts {
  if (!isErrorLike(error)) return { name: 'Unknown', code: '', message: String(error), status: undefined };
  const { code, Code, $metadata, errors, cause } = error;
  const own = typeof code === 'string' ? code : typeof Code === 'string' ? Code : '';
  const inner = Array.isArray(errors) ? (errors as unknown[])[0] : cause;
  const below = own === '' && isErrorLike(inner) && depth < 5 ? factsOf(inner, depth + 1).code : '';
  // The SDK wraps errors of another realm and keeps only their text.
  const wrapped = /^AWS SDK error wrapper for .*?\b(E[A-Z_]{3,})\b/.exec(error.message)?.[1] ?? '';
  return { name: error.name, code: own || below || wrapped, message: error.message, status: $metadata?.httpStatusCode };
}

interface ErrorLike extends Error {
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly errors?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const isErrorLike = (error: unknown): error is ErrorLike =>
  typeof error === 'object' && error !== null && 'message' in error && 'name' in error;

const nameIs = (facts: Facts, names: ReadonlySet<string>): boolean => names.has(facts.name) || names.has(facts.code);

/** Whether AWS asks for fewer requests. IAM's `LimitExceeded` is a quota, not a rate. */
export function isThrottling(error: unknown): boolean {
  const facts = factsOf(error);
  return facts.status === 429 || nameIs(facts, THROTTLING);
}

export const isDenied = (error: unknown): boolean => nameIs(factsOf(error), DENIED);

/** Whether the thing asked for does not exist: IAM's `NoSuchEntity`. */
export const isMissing = (error: unknown): boolean =>
  nameIs(factsOf(error), new Set(['NoSuchEntity', 'NoSuchEntityException']));

/** Whether work was stopped by a signal. */
export const isAbort = (error: unknown): boolean => factsOf(error).name === 'AbortError';

/**
 * Says in plain words what went wrong at AWS and what to do. A `DomainError` comes back as it is.
 * Credentials never get into the sentences: AWS's messages on signatures, which may quote headers, are not repeated.
 */
export function translateAwsError(error: unknown, context: AwsErrorContext = {}): DomainError {
  if (error instanceof DomainError) return error;
  const facts = factsOf(error);
  const what = context.action ?? 'The request to AWS';
  const make = (code: string, message: string, remedy: string, retryable = false): DomainError =>
    new DomainError(code, message, { remedy, retryable, cause: error });

  if (isAbort(error)) return make('CANCELLED', `${what} was stopped before it ended.`, 'Run it again.', true);
  return (
    translateLimits(facts, what, make) ??
    translateCredentials(facts, what, context, make) ??
    translateRefusal(facts, what, context, make) ??
    make(
      'AWS_ERROR',
      `${what} failed: ${facts.name}: ${brief(facts.message)}`,
      'Look the error up in the AWS documentation.',
    )
  );
}

type Make = (code: string, message: string, remedy: string, retryable?: boolean) => DomainError;

function translateLimits(facts: Facts, what: string, make: Make): DomainError | null {
  if (facts.status === 429 || nameIs(facts, THROTTLING)) {
    return make('AWS_THROTTLED', `${what} was throttled by AWS, again and again.`, 'Wait, or lower the pacing.', true);
  }
  if (nameIs(facts, NETWORK) || facts.name === 'TimeoutError') {
    return make(
      'AWS_UNREACHABLE',
      `${what} could not reach AWS (${facts.code || facts.name}: ${brief(facts.message)}).`,
      'Check the network, the proxy and, where it is set, AWS_ENDPOINT_URL.',
      true,
    );
  }
  if (nameIs(facts, UNSUPPORTED) || facts.status === 501) {
    return make('AWS_UNSUPPORTED', `${what} is not supported by this endpoint.`, 'Use an endpoint that supports it.');
  }
  if (facts.status !== undefined && facts.status >= 500) {
    return make('AWS_FAILED', `${what} failed inside AWS (${facts.name}).`, 'Wait; it is tried again.', true);
  }
  return null;
}

function translateCredentials(facts: Facts, what: string, context: AwsErrorContext, make: Make): DomainError | null {
  if (facts.name === 'CredentialsProviderError' || facts.name === 'TokenProviderError') {
    return make(
      'AWS_NO_CREDENTIALS',
      `${what} found no usable AWS credentials: ${brief(facts.message)}`,
      'Set AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached; with SSO, run `aws sso login`.',
    );
  }
  if (nameIs(facts, EXPIRED)) {
    return make(
      'AWS_EXPIRED_TOKEN',
      `${what} was refused: the session's credentials have expired.`,
      context.roleArn ? 'It is tried again with a new session.' : 'Sign in again, for example with `aws sso login`.',
      Boolean(context.roleArn),
    );
  }
  if (/\b(suspended|closed)\b/i.test(facts.message) && /\baccount\b/i.test(facts.message)) {
    return make(
      'AWS_ACCOUNT_SUSPENDED',
      `${what} was refused: ${brief(facts.message)}`,
      'Reopen the account, or leave it out.',
    );
  }
  if (nameIs(facts, NOT_SUBSCRIBED)) {
    return make(
      'AWS_OPT_IN_REQUIRED',
      `${what} was refused: the account ${context.accountId ?? ''} is not (or no longer) signed up for this service.`,
      'Check in the account whether it is suspended or its sign-up is unfinished.',
    );
  }
  if (nameIs(facts, BAD_SIGNATURE)) {
    return make(
      'AWS_BAD_CREDENTIALS',
      `${what} was refused: the signature of the request is not valid (${facts.name}).`,
      'Check the secret access key and the clock of this machine.',
    );
  }
  if (nameIs(facts, BAD_CREDENTIALS)) {
    return make(
      'AWS_BAD_CREDENTIALS',
      `${what} was refused: AWS does not know these credentials (${facts.name}).`,
      'Check the access key id, that it is active, and that it belongs to this partition and endpoint.',
    );
  }
  return null;
}

function translateRefusal(facts: Facts, what: string, context: AwsErrorContext, make: Make): DomainError | null {
  if (nameIs(facts, DENIED)) {
    return make(
      'AWS_ACCESS_DENIED',
      `${what} was denied: ${brief(facts.message)}`,
      deniedRemedy(facts.message, context),
    );
  }
  if (facts.name === 'RegionDisabledException') {
    return make(
      'AWS_REGION_DISABLED',
      `${what} was refused: STS is not active in this region for the account.`,
      'Activate STS for the region in the account settings of IAM, or configure another region.',
    );
  }
  if (facts.name === 'AWSOrganizationsNotInUseException') {
    return make(
      'AWS_NO_ORGANIZATION',
      `${what} was refused: the account is in no organization.`,
      'Connect its accounts singly.',
    );
  }
  if (facts.name === 'NoSuchEntity' || facts.name === 'NoSuchEntityException') {
    return make(
      'AWS_NOT_FOUND',
      `${what}: ${brief(facts.message)}`,
      'It was deleted or renamed. Scan the account again.',
    );
  }
  if (nameIs(facts, POLICY_TOO_LARGE)) {
    return make(
      'AWS_POLICY_TOO_LARGE',
      `${what} was refused: the session policy is too large (${brief(facts.message)})`,
      'Name fewer identities in one session.',
    );
  }
  if (nameIs(facts, INVALID)) {
    return make(
      'AWS_INVALID_REQUEST',
      `${what} was refused as invalid: ${brief(facts.message)}`,
      'Correct the value named.',
    );
  }
  return null;
}

/** AWS names the action and the kind of policy that denied it. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function deniedRemedy(message: string, context: AwsErrorContext): string {
  const action = /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1] ?? context.action ?? 'the action';
  const who = context.roleArn ? `the role ${context.roleArn}` : 'the identity whose credentials are used';
  if (/service control policy/i.test(message)) {
    return `A service control policy of the organization denies ${action}: except ${who} from it.`;
  }
  if (/resource control policy/i.test(message)) {
    return `A resource control policy of the organization denies ${action}: except ${who} from it.`;
  }
  if (/permissions boundary/i.test(message)) return `Allow ${action} in the permissions boundary of ${who}.`;
  if (/session policy/i.test(message))
    return `The session policy does not allow ${action}. Report this as a fault of Mothball.`;
  if (/explicit deny/i.test(message)) return `Remove the statement that denies ${action} to ${who}.`;
  return `Allow ${action} in a policy of ${who}.`;
}

/** One line, 300 characters at most. */
const brief = (message: string): string => {
  const line = message.split('\n', 1)[0] ?? '';
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
};
