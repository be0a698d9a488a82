import type { TicketSubjectKind } from './subject';

export const TICKET_STATES = ['waiting', 'open', 'closed', 'followed', 'released'] as const;
/** `waiting`: not opened yet; `followed`: a successor took its place; `released`: its connection was removed. */
export type TicketState = (typeof TICKET_STATES)[number];

/** What people did that is answered: closed it while findings are open, or opened it when none is left. */
export type Closing = 'done' | 'wont-do' | 'opened';
export type Reaction = 'rechecking' | 'requested' | 'told';

export interface TicketRow {
  tenant_id: string;
  id: string;
  connection_id: string;
  subject: string;
  generation: number;
  key: string;
  one_for: TicketSubjectKind;
  owner_id: string | null;
  check_id: string | null;
  finding_id: string | null;
  account_id: string | null;
  state: TicketState;
  state_why: string | null;
  title: string | null;
  findings_count: number;
  remote_id: string | null;
  reference: string | null;
  url: string | null;
  remote_state: 'open' | 'closed' | null;
  remote_closed_as: 'done' | 'wont-do' | null;
  /** A bigint's digits. */
  remote_version: string | null;
  remote_changed_at: Date | null;
  /** Null: nothing was written yet, or nobody knows what our last request did. */
  ours: 'open' | 'closed' | null;
  written_hash: string | null;
  wanted_version: number;
  seen_version: number;
  wanted_open: boolean;
  wanted_hash: string | null;
  closing: Closing | null;
  reaction: Reaction | null;
  recheck_tasks: string[] | null;
  exemption_ids: string[] | null;
  rejected: string | null;
  problem: string | null;
  look_at: Date | null;
  next_at: Date | null;
  failures: number;
  failing_since: Date | null;
  last_error: string | null;
  opened_at: Date | null;
  closed_at: Date | null;
  created_at: Date;
  changed_at: Date;
}

export const STEP_KINDS = ['find', 'read', 'create', 'update', 'comment', 'close', 'reopen'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export const STEP_OUTCOMES = [
  'sending',
  'done',
  'nothing',
  'refused',
  'rejected',
  'gone',
  'busy',
  'unknown',
  'settled',
] as const;
export type StepOutcome = (typeof STEP_OUTCOMES)[number];

/** A request about a ticket: what it was for, and what came of it. */
export interface TicketStepRow {
  tenant_id: string;
  id: string;
  ticket_id: string;
  connection_id: string;
  at: Date;
  kind: StepKind;
  outcome: StepOutcome;
  intent: string;
  answer: string | null;
  status: number | null;
  latency_ms: number | null;
}
