import { setTimeout as pause } from 'node:timers/promises';
import {
  GetServiceLastAccessedDetailsCommand,
  type GetServiceLastAccessedDetailsResponse,
  type ServiceLastAccessed,
} from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { DomainError } from '../../errors';
import { markerPages } from '../../scans/collectors/marker-pages';
import { rethrowStops } from '../../scans/collectors/reading';
import { dateOrNull } from '../../scans/collectors/tracking';
import { LastAccessedJobs } from './last-accessed-jobs';

/** The latest attempt at one service, allowed or denied. */
export interface ServiceAttempt {
  /** `s3`. */
  readonly service: string;
  readonly at: Date;
  readonly region: string | null;
}

/** What the report says. Unknown ones are never acted on. */
export type ServiceAttempts =
  | {
      readonly known: true;
      /** The latest first; empty: no attempt at any service. */
      readonly attempts: readonly ServiceAttempt[];
      /** How many services the report is about. */
      readonly services: number;
    }
  | { readonly known: false; readonly reason: string };

export interface ServiceLastAccessedOptions {
  /**
   * The snapshot shows that the identity has no permissions policy at all, so that nothing is left to report on: only
   * then an empty report says that there was no attempt.
   */
  readonly withoutPolicies?: boolean | undefined;
  /** Of the same session; default: asked for now. */
  readonly jobs?: LastAccessedJobs | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for the report. */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 60_000;
const LONGEST_WAIT_MS = 5_000;

/**
 * At which services a user or role has been seen, denied attempts included, from AWS's own report; it lags by up to
 * about four hours and looks at permissions policies only, so a boundary does not empty it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 * @returns unknown, with the reason, where the report failed, was refused, is empty or cannot be read.
 * @throws `LeaseLost`, the signal's reason and whatever else has to stop the job.
 */
export async function serviceLastAccessed(
  access: AccountAccess,
  arn: string,
  options: ServiceLastAccessedOptions = {},
): Promise<ServiceAttempts> {
  const { signal } = options;
  const sending = signal ? { abortSignal: signal } : {};
  try {
    const job = await (options.jobs ?? new LastAccessedJobs(access, signal)).of(arn);
    if (!job) return unknown('iam:GenerateServiceLastAccessedDetails answered without a job.');
    const read = (Marker?: string) =>
      access.iam.send(new GetServiceLastAccessedDetailsCommand({ JobId: job.jobId, MaxItems: 1000, Marker }), sending);
    const first = await finished(read, access.firstLookMs - (performance.now() - job.startedAt), options);
    if (typeof first === 'string') return unknown(first);
    const services: ServiceLastAccessed[] = [];
    for await (const page of markerPages((marker) => (marker === undefined ? Promise.resolve(first) : read(marker)))) {
      if (page.JobStatus !== 'COMPLETED' || !page.ServicesLastAccessed) return unknown('The report has gaps.');
      services.push(...page.ServicesLastAccessed);
    }
    return judged(services, options.withoutPolicies ?? false);
  } catch (error) {
    rethrowStops(error, signal);
    if (error instanceof DomainError && !error.code.startsWith('AWS_')) throw error;
    return unknown(access.explain(error).message);
  }
}

type Report = GetServiceLastAccessedDetailsResponse;

/** The report's first page, or why there is none. */
async function finished(
  read: () => Promise<Report>,
  firstWaitMs: number,
  { timeoutMs = TIMEOUT_MS, signal }: ServiceLastAccessedOptions,
): Promise<Report | string> {
  const until = performance.now() + timeoutMs;
  for (let waitMs = Math.max(0, firstWaitMs); ; waitMs = Math.min(Math.max(waitMs * 2, 50), LONGEST_WAIT_MS)) {
    if (performance.now() + waitMs > until) return 'AWS did not finish the service-last-accessed report in time.';
    await pause(waitMs, undefined, signal ? { signal } : {});
    const report = await read();
    if (report.JobStatus === 'COMPLETED') return report;
    if (report.JobStatus !== 'IN_PROGRESS') {
      const told = report.Error?.Message ?? report.JobStatus ?? 'no status';
      return `AWS could not make the service-last-accessed report: ${told}.`;
    }
  }
}

function judged(services: readonly ServiceLastAccessed[], withoutPolicies: boolean): ServiceAttempts {
  if (services.length === 0 && !withoutPolicies) {
    return unknown('The service-last-accessed report is empty, so it says nothing about attempts.');
  }
  const attempts: ServiceAttempt[] = [];
  for (const { ServiceNamespace, LastAuthenticated, LastAuthenticatedRegion, TotalAuthenticatedEntities } of services) {
    if (!ServiceNamespace) return unknown('The service-last-accessed report names a service without its namespace.');
    const at = dateOrNull(LastAuthenticated);
    // A count without a date, or a date that cannot be read, is an attempt of an unknown time.
    if (!at && (LastAuthenticated !== undefined || (TotalAuthenticatedEntities ?? 0) > 0)) {
      return unknown(`The service-last-accessed report does not say when ${ServiceNamespace} was last called.`);
    }
    if (at) attempts.push({ service: ServiceNamespace, at, region: LastAuthenticatedRegion ?? null });
  }
  attempts.sort((a, b) => b.at.getTime() - a.at.getTime());
  return { known: true, attempts, services: services.length };
}

const unknown = (reason: string): ServiceAttempts => ({ known: false, reason });
