import { AssumeRoleCommand, type AssumeRoleCommandInput, type STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@smithy/types';
import { DomainError } from '../errors';
import { parseSessionName } from './arns';
import type { CallCounter } from './calls';
import { isDenied, isThrottling, translateAwsError } from './errors';

export interface RoleSession {
  readonly roleArn: string;
  readonly externalId?: string | undefined;
  /** 2 to 64 characters `[\w+=,.@-]`: opaque ids, since it shows in CloudTrail. */
  readonly sessionName: string;
  /** Needs `sts:SetSourceIdentity` in the role's trust policy and for the caller. */
  readonly sourceIdentity?: string | undefined;
  /** JSON, at most 2,048 characters. */
  readonly sessionPolicy?: string | undefined;
  /** 900 to 3,600; one hour is the most when the ambient credentials are a role's themselves. */
  readonly durationSeconds?: number | undefined;
}

const DEFAULT_DURATION_SECONDS = 3600;
/** Signed requests may wait in queues and retries: the session must outlive them. */
const RENEW_BEFORE_MS = 5 * 60_000;

export const assumeRoleInput = (session: RoleSession): AssumeRoleCommandInput => ({
  RoleArn: session.roleArn,
  RoleSessionName: parseSessionName(session.sessionName),
  DurationSeconds: session.durationSeconds ?? DEFAULT_DURATION_SECONDS,
  ...(session.externalId === undefined ? {} : { ExternalId: session.externalId }),
  ...(session.sourceIdentity === undefined
    ? {}
    : { SourceIdentity: parseSessionName(session.sourceIdentity, 'sourceIdentity') }),
  ...(session.sessionPolicy === undefined ? {} : { Policy: session.sessionPolicy }),
});

/**
 * Credentials of an assumed role, in memory only: one `AssumeRole` for all that ask at once, and again shortly before
 * they expire. Attempts are counted with the job's calls, although the STS client is shared.
 */
export function assumedRole(
  sts: STSClient,
  session: RoleSession,
  calls: CallCounter,
  signal?: AbortSignal,
): () => Promise<AwsCredentialIdentity> {
  let current: Promise<AwsCredentialIdentity> | null = null;
  let goodUntil = 0;

  const assume = async (): Promise<AwsCredentialIdentity> => {
    const { Credentials } = await countedAssumeRole(sts, session, calls, signal);
    if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey) {
      throw new DomainError('AWS_ERROR', `sts:AssumeRole answered for ${session.roleArn} without credentials.`);
    }
    const expiration = Credentials.Expiration;
    goodUntil = expiration ? expiration.getTime() - RENEW_BEFORE_MS : Number.POSITIVE_INFINITY;
    return {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      ...(Credentials.SessionToken === undefined ? {} : { sessionToken: Credentials.SessionToken }),
      ...(expiration === undefined ? {} : { expiration }),
    };
  };

  return () => {
    if (current && Date.now() < goodUntil) return current;
    goodUntil = Number.POSITIVE_INFINITY;
    current = assume().catch((error: unknown) => {
      current = null;
      throw error;
    });
    return current;
  };
}

async function countedAssumeRole(sts: STSClient, session: RoleSession, calls: CallCounter, signal?: AbortSignal) {
  const startedAt = performance.now();
  const count = (attempts: number | undefined): void => {
    for (let n = 1; n <= (attempts ?? 1); n += 1) calls.sent('sts:AssumeRole', { retry: n > 1 });
    calls.took('sts:AssumeRole', performance.now() - startedAt);
  };
  try {
    const answer = await sts.send(
      new AssumeRoleCommand(assumeRoleInput(session)),
      signal ? { abortSignal: signal } : {},
    );
    count(answer.$metadata.attempts);
    return answer;
  } catch (error) {
    count((error as { $metadata?: { attempts?: number } }).$metadata?.attempts);
    if (isThrottling(error)) calls.throttled('sts:AssumeRole');
    throw withoutCause(roleError(error, session.roleArn));
  }
}

/** AWS answers a missing role, a trust policy that does not match and a wrong external id alike: `AccessDenied`. */
export function roleError(error: unknown, roleArn: string): DomainError {
  const context = { action: 'sts:AssumeRole', roleArn: null };
  if (!isDenied(error)) return translateAwsError(error, context);
  const denied = translateAwsError(error, context);
  return new DomainError('AWS_ROLE_NOT_ASSUMABLE', `The role ${roleArn} cannot be assumed. ${denied.message}`, {
    remedy:
      `Check that ${roleArn} exists, that its trust policy names Mothball's principal and this account's external id, ` +
      'and that Mothball itself is allowed sts:AssumeRole on it.',
    cause: error,
  });
}

/** The SDK's retry looks into `cause` and would repeat the whole request for a network error that was retried already. */
const withoutCause = (error: DomainError): DomainError =>
  new DomainError(error.code, error.message, { retryable: error.retryable, remedy: error.remedy });
