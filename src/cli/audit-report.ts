import { checks } from '../findings/checks/index';
import type { Verdict } from '../findings/check';
import { type Judgement, severityOf } from '../findings/judge';
import type { CheckId, Severity } from '../findings/policy';
import type { Subject } from '../findings/subject';
import type { NotRead } from '../scans/collectors/reading';
import { idleDaysAt, latest } from '../scans/idle';
import type { IdentityKind, InventoryUser, LastUsed } from '../scans/inventory';
import type { Audit } from './audit-account';

/** What the JSON format shows, described in docs/audit.md. Fields may be added; none changes its meaning or goes. */
export interface AuditReport {
  readonly version: 1;
  readonly account: { readonly id: string; readonly partition: string };
  /** ISO 8601, UTC, as all dates here. */
  readonly at: string;
  readonly outcome: Audit['outcome'];
  readonly notRead: readonly NotRead[];
  readonly identities: Audit['identities'];
  readonly findings: readonly ReportedFinding[];
  readonly unknown: readonly ReportedUnknown[];
  readonly summary: Counts & {
    readonly byCheck: Readonly<Record<string, Counts & { readonly idleDays: number | null }>>;
  };
  readonly awsCalls: {
    readonly total: number;
    readonly throttled: number;
    readonly byAction: Readonly<Record<string, number>>;
  };
}

export interface ReportedIdentity {
  readonly kind: IdentityKind;
  /** Of the user or role; a password's and key's is its user's, as are name, path and unique id. */
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly uniqueId: string;
  /** Null for what is no key, and for a key whose id could not be read. */
  readonly accessKeyId: string | null;
}

export interface ReportedFinding {
  readonly check: CheckId;
  readonly severity: Severity;
  readonly identity: ReportedIdentity;
  /** Of a password: when it was last changed. */
  readonly createdAt: string | null;
  readonly lastUsed: LastUsed;
  readonly idleDays: number | null;
  /** True: `idleDays` is a lower bound, since AWS does not look back further. */
  readonly idleAtLeast: boolean;
  readonly why: string;
}

export interface ReportedUnknown {
  readonly check: CheckId;
  readonly identity: ReportedIdentity;
  readonly reason: string;
}

interface Counts {
  readonly findings: number;
  readonly unknown: number;
  readonly exempt: number;
}

/** Findings by check in the order of the checks, the longest idle first; then by name. */
export function reportOf(audit: Audit): AuditReport {
  const { judgements, settings, calls } = audit;
  const enabled = checks.filter(({ id }) => settings.checks[id].enabled);
  const byCheck = enabled.map(({ id }) => {
    const own = settings.checks[id];
    const ofCheck = judgements.filter(({ checkId }) => checkId === id);
    return [id, { idleDays: 'idleDays' in own ? own.idleDays : null, ...countsOf(ofCheck) }] as const;
  });
  return {
    version: 1,
    account: { id: audit.accountId, partition: audit.partition },
    at: audit.at.toISOString(),
    outcome: audit.outcome,
    notRead: audit.notRead,
    identities: audit.identities,
    findings: enabled.flatMap((check) =>
      judgements
        .filter(({ checkId }) => checkId === check.id)
        .flatMap((judgement) => finding(judgement, severityOf(check, settings), audit.at))
        .sort(byIdleness),
    ),
    unknown: judgements.flatMap(({ checkId, subject, verdict }) =>
      verdict.state === 'unknown' ? [{ check: checkId, identity: identityOf(subject), reason: verdict.reason }] : [],
    ),
    summary: { ...countsOf(judgements), byCheck: Object.fromEntries(byCheck) },
    awsCalls: {
      total: calls.calls,
      throttled: calls.throttled,
      byAction: Object.fromEntries(Object.entries(calls.byAction).map(([action, counted]) => [action, counted.calls])),
    },
  };
}

function finding({ checkId, subject, verdict }: Judgement, severity: Severity, at: Date): ReportedFinding[] {
  if (verdict.state !== 'non-compliant') return [];
  const { bornAt, lastUsed } = lifeOf(subject);
  return [
    {
      check: checkId,
      severity,
      identity: identityOf(subject),
      createdAt: bornAt?.toISOString() ?? null,
      lastUsed,
      idleDays: idleDaysAt(verdict, at),
      idleAtLeast: verdict.idleAtLeast,
      why: verdict.why,
    },
  ];
}

function byIdleness(a: ReportedFinding, b: ReportedFinding): number {
  const idle = (b.idleDays ?? -1) - (a.idleDays ?? -1);
  if (idle !== 0) return idle;
  const key = ({ identity }: ReportedFinding): string => `${identity.arn} ${identity.accessKeyId ?? ''}`;
  return key(a) < key(b) ? -1 : 1;
}

function countsOf(judgements: readonly Judgement[]): Counts {
  const count = (state: Verdict['state']): number => judgements.filter(({ verdict }) => verdict.state === state).length;
  return { findings: count('non-compliant'), unknown: count('unknown'), exempt: count('exempt') };
}

function identityOf(subject: Subject): ReportedIdentity {
  const { kind } = subject;
  const principal = kind === 'role' ? subject.role : kind === 'user' ? subject.user : subject.owner;
  const { arn, name, path, uniqueId } = principal;
  return { kind, arn, name, path, uniqueId, accessKeyId: kind === 'access-key' ? subject.key.accessKeyId : null };
}

interface Life {
  readonly bornAt: Date | null;
  readonly lastUsed: LastUsed;
}

function lifeOf(subject: Subject): Life {
  switch (subject.kind) {
    case 'role':
      return { bornAt: subject.role.createdAt, lastUsed: subject.role.lastUsed };
    case 'password':
      return { bornAt: subject.password.lastChangedAt, lastUsed: subject.password.lastUsed };
    case 'access-key':
      return { bornAt: subject.key.createdAt, lastUsed: subject.key.lastUsed };
    case 'user':
      return { bornAt: subject.user.createdAt, lastUsed: lastUseOfUser(subject.user) };
  }
}

/** The latest use of its password and active keys; the less certain of what is left where none was used. */
function lastUseOfUser({ credentials }: InventoryUser): LastUsed {
  if (credentials.state === 'unknown') return credentials;
  const { password, accessKeys } = credentials.value;
  const uses = [...(password ? [password] : []), ...accessKeys.filter(({ active }) => active)].map(
    ({ lastUsed }) => lastUsed,
  );
  const used = uses.flatMap((use) => (use.state === 'at' ? [use] : []));
  if (used.length > 0) return used.reduce((one, other) => (latest(one.at, other.at) === one.at ? one : other));
  return (
    uses.find(({ state }) => state === 'unknown') ??
    uses.find(({ state }) => state === 'before-tracking') ?? { state: 'never' }
  );
}
