import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import { AwsError } from '../protocol/aws-error';
import { Sha256 } from './sha256';

/** What the Authorization header claims; nothing of it is proven yet. */
export interface SignatureClaim {
  accessKeyId: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
  signedAt: Date;
  sessionToken: string | undefined;
}

export interface SignedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** AWS refuses signatures that are more than 15 minutes from its own clock. */
const MAX_SKEW_MS = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** Reads the claim; throws `MissingAuthenticationToken` or `IncompleteSignature`. */
export function readClaim(headers: IncomingHttpHeaders): SignatureClaim {
  const authorization = headers.authorization;
  if (!authorization) {
    throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  }
  const match = AUTHORIZATION.exec(authorization);
  const date = single(headers['x-amz-date']);
  const signedAt = date === undefined ? undefined : parseAmzDate(date);
  if (!match || !signedAt) {
    throw new AwsError(
      'IncompleteSignature',
      'Authorization header requires Credential, SignedHeaders, Signature and X-Amz-Date.',
    );
  }
  const [, accessKeyId = '', day = '', region = '', service = '', signedHeaders = '', signature = ''] = match;
  if (date?.slice(0, 8) !== day) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${day}' != '${date?.slice(0, 8)}'.`,
      403,
    );
  }
  return {
    accessKeyId,
    region,
    service,
    signedHeaders: signedHeaders.split(';'),
    signature,
    signedAt,
    sessionToken: single(headers['x-amz-security-token']),
  };
}

/** Recomputes the signature with the secret that the key really has. Throws `SignatureDoesNotMatch`. */
export async function verifySignature(
  request: SignedRequest,
  claim: SignatureClaim,
  secretAccessKey: string,
): Promise<void> {
  const age = Date.now() - claim.signedAt.getTime();
  if (Math.abs(age) > MAX_SKEW_MS) {
    const relation = age > 0 ? 'expired' : 'not yet current';
    throw new AwsError(
      'SignatureDoesNotMatch',
      `Signature ${relation}: ${claim.signedAt.toISOString()} is not within 15 minutes of ${new Date().toISOString()}`,
      403,
    );
  }
  const declaredHash = single(request.headers['x-amz-content-sha256']);
  if (declaredHash && declaredHash !== createHash('sha256').update(request.body).digest('hex')) {
    throw mismatch();
  }
  if (!claim.signedHeaders.includes('host')) throw mismatch();

  const headers: Record<string, string> = {};
  for (const name of claim.signedHeaders) headers[name] = single(request.headers[name]) ?? '';
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: claim.accessKeyId,
      secretAccessKey,
      ...(claim.sessionToken && claim.signedHeaders.includes('x-amz-security-token')
        ? { sessionToken: claim.sessionToken }
        : {}),
    },
    region: claim.region,
    service: claim.service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: 'localhost',
      path: request.path,
      query: queryOf(request.query),
      headers,
      body: request.body,
    },
    { signingDate: claim.signedAt, signableHeaders: new Set(claim.signedHeaders) },
  );
  const expected = /Signature=([0-9a-f]{64})/.exec(signed.headers.authorization ?? '')?.[1] ?? '';
  if (
    expected.length !== claim.signature.length ||
    !timingSafeEqual(Buffer.from(expected), Buffer.from(claim.signature))
  ) {
    throw mismatch();
  }
}

const mismatch = (): AwsError =>
  new AwsError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    403,
  );

function queryOf(query: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(',') : value;

function parseAmzDate(text: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
