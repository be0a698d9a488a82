import sql, { type Sql } from 'sql-template-tag';
import type { ActionCalls } from '../aws/calls';
import type { NotRead } from './collectors/reading';

export const SCAN_STATES = ['queued', 'running', 'finished'] as const;
export const SCAN_OUTCOMES = ['complete', 'partial', 'failed'] as const;
export type ScanState = (typeof SCAN_STATES)[number];
export type ScanOutcome = (typeof SCAN_OUTCOMES)[number];

export interface ScanRow {
  tenant_id: string;
  id: string;
  account_id: string;
  state: ScanState;
  outcome: ScanOutcome | null;
  reason: string | null;
  remedy: string | null;
  not_read: NotRead[];
  aws_calls: Record<string, ActionCalls>;
  aws_call_count: number;
  throttled_count: number;
  identities: number | null;
  rows_written: number;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

export const SCAN_COLUMNS: Sql = sql`
  s.tenant_id, s.id, s.account_id, s.state, s.outcome, s.reason, s.remedy, s.not_read, s.aws_calls, s.aws_call_count,
  s.throttled_count, s.identities, s.rows_written, s.created_at, s.started_at, s.finished_at`;

export interface SweepRow {
  tenant_id: string;
  id: string;
  requested_by: string;
  created_at: Date;
  total: number;
  queued: number;
  running: number;
  complete: number;
  partial: number;
  failed: number;
}
