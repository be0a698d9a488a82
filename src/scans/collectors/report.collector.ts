import { setTimeout as pause } from 'node:timers/promises';
import {
  GenerateCredentialReportCommand,
  GetCredentialReportCommand,
  type GetCredentialReportResponse,
} from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { isDenied } from '../../aws/errors';
import { DomainError } from '../../errors';
import { parseCredentialReport, type CredentialReport } from './credential-report';
import { rethrowStops } from './reading';

export const reportPermissions = ['iam:GenerateCredentialReport', 'iam:GetCredentialReport'] as const;

export interface ReportWaits {
  /** From the request for a report to the first look at it. */
  readonly firstMs: number;
  /** The longest wait between two looks; each is twice the one before. */
  readonly longestMs: number;
  /** All waiting together. */
  readonly totalMs: number;
}

const DEFAULT_REPORT_WAITS: Omit<ReportWaits, 'firstMs'> = { longestMs: 15_000, totalMs: 240_000 };

export interface ReportReading {
  readonly report: CredentialReport;
  /** Up to four hours ago: AWS makes no new report before that. */
  readonly generatedAt: Date | null;
}

interface ReportOptions {
  readonly signal?: AbortSignal | undefined;
  readonly waits?: ReportWaits | undefined;
  /** Other reads of the account: there is no use in looking before they are done. */
  readonly meanwhile?: Promise<unknown> | undefined;
}

/**
 * Asks for a credential report and fetches it with as few calls as possible.
 * @throws DomainError `AWS_REPORT_NOT_READY` after `waits.totalMs`; `AWS_BAD_REPORT`; the SDK's errors.
 */
export async function readCredentialReport(access: AccountAccess, options: ReportOptions): Promise<ReportReading> {
  const { signal } = options;
  const waits = options.waits ?? { ...DEFAULT_REPORT_WAITS, firstMs: access.firstLookMs };
  const sending = signal ? { abortSignal: signal } : {};
  const until = performance.now() + waits.totalMs;
  let waitMs = waits.firstMs;
  let asked = await askForReport(access, signal);

  for (;;) {
    if (asked.state === 'in-progress') {
      await Promise.all([pause(waitMs, undefined, signal ? { signal } : {}), options.meanwhile]);
    }
    try {
      return read(await access.iam.send(new GetCredentialReportCommand({}), sending));
    } catch (error) {
      rethrowStops(error, signal);
      if (asked.state === 'denied') throw asked.error;
      const state = reportState(error);
      if (state === null) throw error;
      if (performance.now() + waitMs >= until) throw notReady(waits, error);
      asked = state === 'gone' ? await askForReport(access, signal) : { state };
      waitMs = Math.min(waitMs * 2, waits.longestMs);
    }
  }
}

/** Where asking is denied, a report of the last four hours may still be there to be read: one look decides. */
type Asked = { readonly state: 'ready' | 'in-progress' } | { readonly state: 'denied'; readonly error: unknown };

async function askForReport(access: AccountAccess, signal: AbortSignal | undefined): Promise<Asked> {
  try {
    const sending = signal ? { abortSignal: signal } : {};
    const { State } = await access.iam.send(new GenerateCredentialReportCommand({}), sending);
    return { state: State === 'COMPLETE' ? 'ready' : 'in-progress' };
  } catch (error) {
    rethrowStops(error, signal);
    if (isDenied(error)) return { state: 'denied', error };
    throw error;
  }
}

/** The SDK's class names, and the codes as they are on the wire. */
function reportState(error: unknown): 'gone' | 'in-progress' | null {
  const { name, Code } = error as { name?: unknown; Code?: unknown };
  for (const text of [name, Code]) {
    switch (text) {
      case 'CredentialReportNotPresentException':
      case 'CredentialReportExpiredException':
      case 'ReportNotPresent':
      case 'ReportExpired':
        return 'gone';
      case 'CredentialReportNotReadyException':
      case 'ReportInProgress':
        return 'in-progress';
    }
  }
  return null;
}

const notReady = (waits: ReportWaits, cause: unknown): DomainError =>
  new DomainError(
    'AWS_REPORT_NOT_READY',
    `iam:GetCredentialReport had no report after ${Math.round(waits.totalMs / 1000)} seconds.`,
    { retryable: true, remedy: 'Scan again later: AWS is slow to make the credential report of this account.', cause },
  );

/** Some 600 bytes a user, so a report at IAM's quota of 5,000 has about 3 MB; parsing blocks the whole worker. */
const LARGEST_REPORT = 32 * 1024 * 1024;

function read(answer: GetCredentialReportResponse): ReportReading {
  if ((answer.Content?.byteLength ?? 0) > LARGEST_REPORT) {
    throw new DomainError('AWS_BAD_REPORT', 'The credential report is larger than 32 MB, so it was not read.', {
      remedy: 'Look at the report in the IAM console: ten times IAM’s quota of users would not make one so large.',
    });
  }
  const csv = new TextDecoder().decode(answer.Content ?? new Uint8Array());
  return { report: parseCredentialReport(csv), generatedAt: answer.GeneratedTime ?? null };
}
