import { stringify } from 'csv-stringify/sync';
import { rootArn, userArn } from './arn';
import type { LastUses } from './last-use';
import type { Instant, SimAccessKey, SimAccount, SimUser } from './model';
import type { WorldSwitches } from './options';
import type { TimeLine } from './time-line';
import { WorldError } from './world-error';

export interface ReportState {
  state: 'STARTED' | 'INPROGRESS' | 'COMPLETE';
  description: string;
}

export interface GeneratedReport {
  /** The CSV, before base64. */
  content: string;
  generatedAt: Instant;
}

/** The columns in AWS's order (IAM user guide, "Get credential reports for your AWS account"). */
export const REPORT_COLUMNS = [
  'user',
  'arn',
  'user_creation_time',
  'password_enabled',
  'password_last_used',
  'password_last_changed',
  'password_next_rotation',
  'mfa_active',
  ...[1, 2].flatMap((slot) => [
    `access_key_${slot}_active`,
    `access_key_${slot}_last_rotated`,
    `access_key_${slot}_last_used_date`,
    `access_key_${slot}_last_used_region`,
    `access_key_${slot}_last_used_service`,
  ]),
  'cert_1_active',
  'cert_1_last_rotated',
  'cert_2_active',
  'cert_2_last_rotated',
];

/** Instants are kept as numbers until the report is handed out, so that time travel ages a kept report, too. */
type Cell = string | Instant;

interface Snapshot {
  generatedAt: Instant;
  rows: Cell[][];
  /** What each user had at that moment, by unique id. */
  marks: Map<string, string>;
}

interface Pending {
  pollsLeft: number;
  readyAtMs: number;
  snapshot: Snapshot;
}

/** What the report and the present must agree on for a report's line to be true still. */
export function credentialMark(user: SimUser): string {
  const keys = user.accessKeys.map((key) => `${key.accessKeyId}${key.active ? '+' : '-'}`).sort();
  const certificates = user.credentials.filter(({ kind, active }) => kind === 'certificate' && active).length;
  return [user.name, user.password?.lastChangedAt ?? 'none', certificates, ...keys].join(' ');
}

/** Generates and hands out credential reports, as slowly and as rarely as AWS does. */
export class CredentialReports {
  private readonly finished = new Map<string, Snapshot>();
  private readonly pending = new Map<string, Pending>();

  constructor(
    private readonly time: TimeLine,
    private readonly lastUses: LastUses,
    private readonly switches: WorldSwitches,
  ) {}

  /** A report younger than four (simulated) hours is COMPLETE at once, and stays the old one. */
  generate(account: SimAccount): ReportState {
    this.refuseUnavailable();
    const { accountId } = account.summary;
    if (this.pending.has(accountId)) {
      if (!this.settled(accountId)) return { state: 'INPROGRESS', description: 'Report generation is in progress' };
      return { state: 'COMPLETE', description: '' };
    }
    if (this.valid(this.finished.get(accountId))) return { state: 'COMPLETE', description: '' };
    this.pending.set(accountId, {
      pollsLeft: this.switches.report.pendingPolls,
      readyAtMs: performance.now() + this.switches.report.generationMs,
      snapshot: this.snapshot(account),
    });
    return { state: 'STARTED', description: 'No report exists. Starting a new report generation task' };
  }

  /** Throws ReportInProgress, ReportNotPresent or ReportExpired. */
  get(account: SimAccount): GeneratedReport {
    this.refuseUnavailable();
    const { accountId } = account.summary;
    if (this.pending.has(accountId) && !this.settled(accountId)) {
      throw new WorldError('ReportInProgress', 'Credential report is not yet ready. Please try again later.');
    }
    const report = this.finished.get(accountId);
    if (report === undefined) {
      throw new WorldError('ReportNotPresent', 'Credential report has not been generated. Generate one first.');
    }
    if (!this.valid(report)) {
      throw new WorldError('ReportExpired', 'The most recent credential report has expired. Generate a new one.');
    }
    return { content: this.render(report), generatedAt: report.generatedAt };
  }

  /** Users by unique id as the report that would be handed out now knows them; undefined when there is none. */
  marksNow(accountId: string): ReadonlyMap<string, string> | undefined {
    const report = this.pending.get(accountId)?.snapshot ?? this.finished.get(accountId);
    return this.valid(report) ? report?.marks : undefined;
  }

  /** As if the four hours of every finished report were over, and nothing else had aged. */
  expire(accountId?: string): void {
    if (accountId === undefined) this.finished.clear();
    else this.finished.delete(accountId);
  }

  private refuseUnavailable(): void {
    if (this.switches.report.available) return;
    throw new WorldError('ServiceFailure', 'The credential report service is not available.');
  }

  private valid(report: Snapshot | undefined): boolean {
    return report !== undefined && this.time.now() - report.generatedAt < this.switches.report.regenerationMs;
  }

  /** One look at a report in the making: counts the poll, and files the report once it is ready. */
  private settled(accountId: string): boolean {
    const pending = this.pending.get(accountId);
    if (pending === undefined) return true;
    if (pending.pollsLeft > 0) {
      pending.pollsLeft -= 1;
      return false;
    }
    if (performance.now() < pending.readyAtMs) return false;
    this.finished.set(accountId, pending.snapshot);
    this.pending.delete(accountId);
    return true;
  }

  private snapshot(account: SimAccount): Snapshot {
    const users = [...account.users.values()];
    return {
      generatedAt: this.time.second(),
      rows: [this.rootRow(account), ...users.map((user) => this.userRow(account, user))],
      marks: new Map(users.map((user) => [user.uniqueId, credentialMark(user)])),
    };
  }

  private rootRow(account: SimAccount): Cell[] {
    const { root } = account;
    return [
      '<root_account>',
      rootArn(account),
      root.createdAt,
      'not_supported',
      this.lastUses.ofPassword(root) ?? 'no_information',
      'not_supported',
      'not_supported',
      String(root.mfaActive),
      ...this.keyCells(root.accessKeys[0]),
      ...this.keyCells(root.accessKeys[1]),
      ...['false', 'N/A', 'false', 'N/A'],
    ];
  }

  private userRow(account: SimAccount, user: SimUser): Cell[] {
    const [first, second] = slots(user);
    const certificates = user.credentials.filter(({ kind }) => kind === 'certificate');
    return [
      user.name,
      userArn(account, user),
      user.createdAt,
      String(user.password !== null),
      user.password === null ? 'N/A' : (this.lastUses.ofPassword(user) ?? 'no_information'),
      user.password?.lastChangedAt ?? 'N/A',
      'N/A',
      String(user.mfaDevices.length > 0),
      ...this.keyCells(first),
      ...this.keyCells(second),
      ...[0, 1].flatMap((slot): Cell[] => {
        const certificate = certificates[slot];
        return certificate === undefined ? ['false', 'N/A'] : [String(certificate.active), certificate.createdAt];
      }),
    ];
  }

  private keyCells(key: SimAccessKey | undefined): Cell[] {
    if (key === undefined) return ['false', 'N/A', 'N/A', 'N/A', 'N/A'];
    const use = this.lastUses.ofKey(key);
    return [String(key.active), key.createdAt, use?.at ?? 'N/A', use?.region ?? 'N/A', use?.service ?? 'N/A'];
  }

  private render(report: Snapshot): string {
    const { rootRow, regions, extraColumns, rootPasswordEnabled } = this.switches.report;
    const kept = REPORT_COLUMNS.map((name, index) => ({ name, index })).filter(
      ({ name }) => regions || !name.endsWith('_region'),
    );
    const lines = (rootRow ? report.rows : report.rows.slice(1)).map((row) => [
      ...kept.map(({ name, index }) => {
        const cell = row[index] ?? 'N/A';
        if (name === 'password_enabled' && cell === 'not_supported') return rootPasswordEnabled;
        return typeof cell === 'number' ? this.date(cell) : cell;
      }),
      ...extraColumns.map(() => 'N/A'),
    ]);
    const header = [...kept.map(({ name }) => name), ...extraColumns];
    return stringify([header, ...lines], { eof: false });
  }

  private date(instant: Instant): string {
    return `${this.time.shown(instant).toISOString().slice(0, 19)}+00:00`;
  }
}

/**
 * Which key is "access key 1" says nothing about the order of `ListAccessKeys`: for every other user, by its id, the
 * two are the other way round, so that a join by position shows.
 */
function slots(user: SimUser): readonly (SimAccessKey | undefined)[] {
  const [first, second] = user.accessKeys;
  return second !== undefined && user.uniqueId.charCodeAt(8) % 2 === 1 ? [second, first] : [first, second];
}
