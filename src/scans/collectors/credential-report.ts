import { parse } from 'csv-parse/sync';
import { DomainError } from '../../errors';
import type { InventoryAccessKey, InventoryPassword, Known, LastUsed, ReportedCredentials } from '../inventory';
import { ReportRow } from './report-values';
import { unusedKey, unusedPassword } from './tracking';

/** What the report says of one user, or of root. */
export interface ReportLine {
  readonly arn: string;
  readonly userName: string;
  readonly createdAt: Date | null;
  readonly credentials: Known<ReportedCredentials>;
}

export interface CredentialReport {
  /** By ARN; root is not among them. */
  readonly users: ReadonlyMap<string, ReportLine>;
  /** Null where the endpoint leaves root out. */
  readonly root: ReportLine | null;
}

export const ROOT_NAME = '<root_account>';

/**
 * Reads a credential report. Columns are found by name; more or fewer of them, or in another order, do no harm: what is
 * missing becomes `unknown` with the reason.
 * @throws DomainError `AWS_BAD_REPORT` when the text is not a credential report.
 */
export function parseCredentialReport(csv: string): CredentialReport {
  const users = new Map<string, ReportLine>();
  let root: ReportLine | null = null;
  for (const row of rowsOf(csv)) {
    const line = lineOf(row);
    if (line.userName === ROOT_NAME) root = line;
    else users.set(line.arn, users.has(line.arn) ? ambiguous(line) : line);
  }
  return { users, root };
}

const badReport = (why: string, cause?: unknown): DomainError =>
  new DomainError('AWS_BAD_REPORT', `The credential report cannot be read: ${why}`, {
    remedy: 'Look at the report in the IAM console, and scan again.',
    cause,
  });

function rowsOf(csv: string): ReportRow[] {
  let header: string[] = [];
  let records: Record<string, string | undefined>[];
  try {
    records = parse(csv, {
      bom: true,
      columns: (names: string[]) => (header = names.map((name) => name.trim().toLowerCase())),
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as Record<string, string | undefined>[];
  } catch (error) {
    throw badReport(error instanceof Error ? error.message : 'it is not CSV.', error);
  }
  for (const column of ['user', 'arn']) {
    if (!header.includes(column)) throw badReport(`it has no column "${column}".`);
  }
  return records.map((record) => new ReportRow(record));
}

function lineOf(row: ReportRow): ReportLine {
  const userName = row.text('user');
  const createdAt = row.date('user_creation_time');
  return {
    arn: row.text('arn'),
    userName,
    createdAt,
    credentials: credentialsOf(row, { isRoot: userName === ROOT_NAME, createdAt }),
  };
}

const ambiguous = (line: ReportLine): ReportLine => ({
  ...line,
  credentials: { state: 'unknown', reason: 'The credential report has several lines for this user.' },
});

interface RowOwner {
  readonly isRoot: boolean;
  readonly createdAt: Date | null;
}

/** All or nothing: a user whose second key is not known must not pass for a user with one key. */
function credentialsOf(row: ReportRow, owner: RowOwner): Known<ReportedCredentials> {
  // Root's password is not judged (its cells are `not_supported`, or FALSE where it was removed centrally).
  const password = owner.isRoot ? ({ state: 'known', value: null } as const) : passwordOf(row, owner);
  if (password.state === 'unknown') return password;
  const accessKeys: InventoryAccessKey[] = [];
  for (const slot of [1, 2]) {
    const key = keyOf(row, slot, owner);
    if (key.state === 'unknown') return key;
    if (key.value) accessKeys.push(key.value);
  }
  let activeCertificates = 0;
  for (const column of ['cert_1_active', 'cert_2_active']) {
    const { kind } = row.cell(column);
    if (kind === 'true') activeCertificates += 1;
    else if (kind !== 'false' && kind !== 'not-applicable') return row.unknown(column);
  }
  return { state: 'known', value: { password: password.value, accessKeys, activeCertificates } };
}

function passwordOf(row: ReportRow, owner: RowOwner): Known<InventoryPassword | null> {
  const enabled = row.cell('password_enabled').kind;
  if (enabled === 'false') return { state: 'known', value: null };
  if (enabled !== 'true') return row.unknown('password_enabled');
  const mfa = row.cell('mfa_active').kind;
  return {
    state: 'known',
    value: {
      kind: 'password',
      lastChangedAt: row.date('password_last_changed'),
      lastUsed: passwordLastUsed(row, owner),
      mfaActive: mfa === 'true' ? true : mfa === 'false' ? false : null,
    },
  };
}

/** `no_information`: not used since tracking began. `N/A` means no password, which contradicts an enabled one. */
function passwordLastUsed(row: ReportRow, owner: RowOwner): LastUsed {
  const used = row.cell('password_last_used');
  if (used.kind === 'date') return { state: 'at', at: used.date, region: null, service: null };
  if (used.kind !== 'no-information') return { state: 'unknown', reason: row.oddity('password_last_used') };
  const existsSince = row.date('password_last_changed') ?? owner.createdAt;
  if (existsSince) return unusedPassword(existsSince);
  return { state: 'unknown', reason: row.oddity('password_last_changed') };
}

/** A key exists in a slot exactly when it is active or has a date of creation: AWS says `false` for an empty slot too. */
function keyOf(row: ReportRow, slot: number, owner: RowOwner): Known<InventoryAccessKey | null> {
  const activeColumn = `access_key_${slot}_active`;
  const createdColumn = `access_key_${slot}_last_rotated`;
  const active = row.cell(activeColumn).kind;
  const created = row.cell(createdColumn);
  const none = created.kind === 'not-applicable' || (owner.isRoot && created.kind === 'not-supported');
  if (active !== 'true' && none) {
    const empty = active === 'false' || active === 'not-applicable' || (owner.isRoot && active === 'not-supported');
    return empty ? { state: 'known', value: null } : row.unknown(activeColumn);
  }
  if (active !== 'true' && active !== 'false') return row.unknown(activeColumn);
  if (active === 'false' && created.kind !== 'date') return row.unknown(createdColumn);
  const createdAt = created.kind === 'date' ? created.date : null;
  return {
    state: 'known',
    value: {
      kind: 'access-key',
      slot,
      accessKeyId: null,
      active: active === 'true',
      createdAt,
      lastUsed: keyLastUsed(row, slot, createdAt ?? owner.createdAt),
    },
  };
}

/** `N/A` on a key that exists: not used since tracking began. */
function keyLastUsed(row: ReportRow, slot: number, existsSince: Date | null): LastUsed {
  const column = `access_key_${slot}_last_used_date`;
  const used = row.cell(column);
  if (used.kind === 'date') {
    return {
      state: 'at',
      at: used.date,
      region: row.name(`access_key_${slot}_last_used_region`),
      service: row.name(`access_key_${slot}_last_used_service`),
    };
  }
  if (used.kind !== 'not-applicable') return { state: 'unknown', reason: row.oddity(column) };
  if (existsSince) return unusedKey(existsSince);
  return { state: 'unknown', reason: row.oddity(`access_key_${slot}_last_rotated`) };
}
