import type { PolicySettings } from '../policy';
import type { PolicyAction, PolicySchedule, PolicyScope, PolicyWritten } from './documents/policy-document';

/** One saved version; never changed afterwards. */
export interface PolicyVersion {
  readonly version: number;
  /** As people wrote it. */
  readonly source: PolicyWritten;
  readonly scope: PolicyScope;
  readonly settings: PolicySettings;
  readonly action: PolicyAction;
  readonly schedule: PolicySchedule | null;
  /** Of all of the above: what a second person agrees to. */
  readonly hash: string;
  readonly savedBy: string;
  readonly note: string | null;
  readonly createdAt: Date;
}

export interface PolicyDecision {
  readonly version: number;
  readonly decision: 'agreed' | 'refused';
  readonly hash: string;
  readonly reach: string;
  readonly by: string;
  readonly note: string | null;
  readonly at: Date;
}

export interface Proposal {
  readonly version: PolicyVersion;
  readonly by: string;
  /** Who may not be the second person. */
  readonly standsFor: string;
  readonly at: Date;
}

export interface StoredPolicy {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly position: number;
  /** What judges; null: nobody has agreed to a version yet. */
  readonly current: PolicyVersion | null;
  /** What waits for a second person; the version in force where its reach has grown since it was agreed to. */
  readonly proposal: Proposal | null;
  /** Who has changed what it reaches since the last agreement: they cannot be the second person either. */
  readonly widenedBy: readonly string[];
  /** The last word on the version in force. */
  readonly decision: PolicyDecision | null;
  /** The highest number so far, refused ones included. */
  readonly lastVersion: number;
  readonly retiredAt: Date | null;
}

export interface VersionRow {
  version: number;
  source: PolicyWritten;
  scope: PolicyScope;
  settings: unknown;
  action: PolicyAction;
  schedule: PolicySchedule | null;
  hash: string;
  saved_by: string;
  note: string | null;
  created_at: string | Date;
}
