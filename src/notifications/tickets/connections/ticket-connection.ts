import sql, { type Sql } from 'sql-template-tag';
import type { TicketSubjectKind } from '../subject';
import type { TicketSystemId } from '../ticket-system';
import type { TicketFilter } from './ticket-filter';

export const TICKET_CONNECTION_STATES = ['draft', 'active', 'paused', 'disabled', 'removing'] as const;
export type TicketConnectionState = (typeof TICKET_CONNECTION_STATES)[number];

/** What a system does not do for us. That it lets us read says nothing of what it lets us write; the other way round it does. */
export type TroubleWith = 'reading' | 'writing';

/** One thing that a test ticket tries, and what came of it. */
export interface TestStep {
  readonly step: 'examine' | 'create' | 'update' | 'comment' | 'close';
  readonly ok: boolean;
  /** For people. */
  readonly said: string;
}

export interface ConnectionTest {
  /** Of this version of the settings. */
  readonly version: number;
  readonly id: string;
  readonly state: 'running' | 'passed' | 'failed';
  readonly steps: readonly TestStep[];
  readonly reference: string | null;
  readonly url: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

export interface TicketConnectionRow {
  tenant_id: string;
  id: string;
  name: string;
  system: TicketSystemId;
  state: TicketConnectionState;
  state_why: string | null;
  state_changed_at: Date;
  settings: Record<string, unknown>;
  filter: TicketFilter;
  one_for: TicketSubjectKind;
  new_only: boolean;
  daily_cap: number;
  reopens: boolean;
  exemption_days: number;
  /** Counts changes of settings and credential. */
  version: number;
  tested_version: number | null;
  test: ConnectionTest | null;
  activated_at: Date | null;
  remark_at: Date | null;
  wait_until: Date | null;
  failures: number;
  last_failure_at: Date | null;
  trouble_with: TroubleWith | null;
  refused_since: Date | null;
  removal_at: Date | null;
  made_by: string;
  created_at: Date;
  changed_at: Date;
  deleted_at: Date | null;
}

/** Without what is sealed. */
export const CONNECTION_COLUMNS: Sql = sql`
  c.tenant_id, c.id, c.name, c.system, c.state, c.state_why, c.state_changed_at, c.settings, c.filter, c.one_for,
  c.new_only, c.daily_cap, c.reopens, c.exemption_days, c.version, c.tested_version, c.test, c.activated_at, c.remark_at,
  c.wait_until, c.failures, c.last_failure_at, c.trouble_with, c.refused_since, c.removal_at, c.made_by, c.created_at,
  c.changed_at, c.deleted_at`;

/** What works at its tickets. */
export const isAtWork = ({ state }: Pick<TicketConnectionRow, 'state'>): boolean =>
  state === 'active' || state === 'removing';
