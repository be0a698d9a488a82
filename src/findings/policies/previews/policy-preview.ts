import { z } from 'zod';
import type { FindingStatus } from '../../finding';
import type { CheckId } from '../../policy';

export const previewChanges = ['opened', 'resolved', 'reopened', 'exempted'] as const;
export type PreviewChange = (typeof previewChanges)[number];

/** What is looked at beforehand, as it is kept. */
export const previewRequest = z.strictObject({
  documents: z.array(z.unknown()),
  mode: z.enum(['REPLACE', 'MERGE']),
  /** As if a second person had agreed to what acts by itself. */
  asAgreed: z.boolean(),
});
export type PreviewRequest = z.infer<typeof previewRequest>;

export interface PreviewRow {
  tenant_id: string;
  id: string;
  state: 'queued' | 'running' | 'finished';
  accounts: number;
  accounts_done: number;
  opened: number;
  resolved: number;
  reopened: number;
  exempted: number;
  unchanged: number;
  to_ask: number;
  requested_by: string;
  created_at: Date;
  finished_at: Date | null;
}

export interface PreviewChangeRow {
  tenant_id: string;
  id: string;
  account_id: string;
  identity_id: string;
  check_id: CheckId;
  change: PreviewChange;
  before: FindingStatus | null;
  policy_name: string | null;
  why: string;
}

/** What a finding does that stood at `before` and will stand at `now`; null: it stays as it is. */
export function changeOf(before: FindingStatus | null, now: FindingStatus): PreviewChange | null {
  if (before === now) return null;
  if (now === 'open') return before === 'resolved' ? 'reopened' : 'opened';
  return now === 'exempt' ? 'exempted' : 'resolved';
}
