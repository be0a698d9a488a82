import type { IdleTime } from '../scans/idle';
import type { IdentityKind } from '../scans/inventory';
import type { CheckId, PolicySettings, Severity } from './policy';
import type { SubjectOf } from './subject';

/**
 * What a check says of one identity. `why` is a sentence with dates and no count of days that grows from scan to
 * scan, so that an unchanged finding is not written again.
 */
export type Verdict =
  | { readonly state: 'compliant'; readonly why: string }
  | ({ readonly state: 'non-compliant'; readonly why: string } & IdleTime)
  /** Non-compliant but spared; `reason` says by which setting of the policy, or why the exemption was made. */
  | ({
      readonly state: 'exempt';
      readonly why: string;
      readonly reason: string;
      /** Of the exemption that people made; left out: the policy spares it. */
      readonly exemptionId?: string;
    } & IdleTime)
  /** `provisional`: only the user's other credentials are still to be asked for; `unread`: something was not read. */
  | { readonly state: 'unknown'; readonly cause: 'provisional' | 'unread'; readonly reason: string };

/** A control that a check answers. Only mappings that were found in a source; null: the source does not say. */
export interface Standard {
  readonly standard: string;
  readonly version: string | null;
  readonly control: string | null;
  readonly note?: string;
  readonly source?: string;
}

/** Steps for people: in the console, and as commands to paste into a POSIX shell (a line starting with `#` explains). */
export interface Steps {
  readonly console: readonly string[];
  readonly cli: readonly string[];
}

/** Trend Micro Conformity's wording of risk levels, so that its users recognize them. */
export const RISK = {
  low: 'Low: generally tolerable level of risk',
  medium: 'Medium: should be achieved',
  high: 'High: not acceptable risk',
  critical: 'Critical: act today',
} as const satisfies Record<Severity, string>;

/** One rule: an object in a file of its own, listed in `checks/index.ts`. */
export interface Check<K extends IdentityKind = IdentityKind> {
  /** Never changes once released. */
  readonly id: CheckId;
  readonly kind: K;
  readonly title: string;
  readonly severity: Severity;
  readonly risk: (typeof RISK)[Severity];
  readonly rationale: string;
  readonly standards: readonly Standard[];
  /** The IAM actions that reading its data takes. */
  readonly permissions: readonly string[];
  /** What the threshold counts: days without use, days of age or state, or nothing. */
  readonly measures: 'idle' | 'age' | 'fact';
  /** The threshold in days where a policy says nothing; null: the check has none. */
  readonly defaultIdleDays: number | null;
  /** True: non-compliant only after the user's SSH keys and service-specific credentials have been read too. */
  readonly provisional: boolean;
  readonly audit: Steps;
  /** How to mend it, with the identity's names filled in. */
  remediation(subject: SubjectOf<K>): Steps;
  /** Pure; `at` is the scan's time. Undefined: the check does not apply to this identity. */
  judge(subject: SubjectOf<K>, policy: PolicySettings, at: Date): Verdict | undefined;
}

/** Any check, so that `kind` tells what its functions take. */
export type AnyCheck = { [K in IdentityKind]: Check<K> }[IdentityKind];
