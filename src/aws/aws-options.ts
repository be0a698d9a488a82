import type { ServiceEndpoints } from './account-access';
import type { AwsLog } from './middleware';
import type { PacingOptions } from './pacing';
import type { Partition } from './partitions';

/**
 * How the service reaches AWS. Everything may be left out: then the SDK's own conventions hold (profiles, SSO, web
 * identity, `AWS_ENDPOINT_URL` and its per-service forms).
 */
export interface AwsOptions {
  /** A named profile for the ambient credentials, instead of `AWS_PROFILE`. */
  readonly profile?: string | undefined;
  /** One endpoint for all services, for example a simulator's. */
  readonly endpoint?: string | undefined;
  /** Endpoints by service; each wins over `endpoint`. */
  readonly endpoints?: ServiceEndpoints | undefined;
  /** Where STS is called, by partition; otherwise the partition's home region. Regional endpoints in any case. */
  readonly stsRegions?: Partial<Record<Partition, string>> | undefined;
  /** Attempts of one request, the first included. */
  readonly maxAttempts?: number | undefined;
  readonly connectionTimeoutMs?: number | undefined;
  /** From sending a request to its answer's headers. */
  readonly requestTimeoutMs?: number | undefined;
  /** From asking for something that AWS has to prepare, a report, to the first look at it; default 1,500. */
  readonly firstLookMs?: number | undefined;
  readonly pacing?: PacingOptions | undefined;
  readonly log?: AwsLog | undefined;
}

/** Nest's token for `AwsOptions`. */
export const AWS_OPTIONS = Symbol('AWS_OPTIONS');
