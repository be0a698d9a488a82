import type { IdentityKind } from '../scans/inventory';
import { unreachable } from '../errors';
import type { AnyCheck, Verdict } from './check';
import { checks } from './checks/index';
import { reached } from '../scans/idle';
import type { CheckId, PolicySettings, Severity } from './policy';
import type { Policy } from './sparing';
import type { PrincipalToJudge, Subject, UserSubject } from './subject';
import { subjectsOf } from './subject';

/** One verdict on one identity. `ref` is the caller's own name for the identity. */
export interface Judgement {
  readonly checkId: CheckId;
  /** What kind of identity `ref` names: the check's, or `user` where that user's credentials were not read. */
  readonly kind: IdentityKind;
  readonly ref: string;
  readonly subject: Subject;
  readonly verdict: Verdict;
}

/** What is spared by an exemption that people made, apart from any policy. */
export interface Exempting {
  match(subject: Subject, checkId: CheckId): { readonly id: string; readonly reason: string } | null;
}

/**
 * Judges an account's principals by every enabled check, one after another: no I/O, no clock (`at` is the scan's
 * time), nothing kept between principals. Checks that do not apply to an identity say nothing about it.
 * Throws where a user's references do not fit its credentials.
 */
export function* judgeAccount(
  principals: Iterable<PrincipalToJudge>,
  policy: Policy,
  at: Date,
  exemptions: Exempting | null = null,
): Generator<Judgement, void, undefined> {
  const enabled = checks.filter((check) => policy.settings.checks[check.id].enabled);
  for (const principal of principals) {
    for (const subject of subjectsOf(principal)) {
      for (const check of enabled) {
        const verdict = judgeOne(check, subject, policy.settings, at);
        if (verdict) yield judgement(check, subject, considerSparing(verdict, subject, check.id, policy, exemptions));
      }
      if (subject.kind === 'user') yield* judgeUnread(enabled, subject, policy, at, exemptions);
    }
  }
}

const judgement = ({ id }: AnyCheck, subject: Subject, verdict: Verdict): Judgement => ({
  checkId: id,
  kind: subject.kind,
  ref: subject.ref,
  subject,
  verdict,
});

function judgeOne(check: AnyCheck, subject: Subject, settings: PolicySettings, at: Date): Verdict | undefined {
  switch (check.kind) {
    case 'user':
      return subject.kind === check.kind ? check.judge(subject, settings, at) : undefined;
    case 'role':
      return subject.kind === check.kind ? check.judge(subject, settings, at) : undefined;
    case 'password':
      return subject.kind === check.kind ? check.judge(subject, settings, at) : undefined;
    case 'access-key':
      return subject.kind === check.kind ? check.judge(subject, settings, at) : undefined;
    default:
      return unreachable(check);
  }
}

/** A spared identity is exempt where it would be non-compliant, also provisionally: no call is spent to make sure. */
function considerSparing(
  verdict: Verdict,
  subject: Subject,
  checkId: CheckId,
  policy: Policy,
  exemptions: Exempting | null,
): Verdict {
  const provisional = verdict.state === 'unknown' && verdict.cause === 'provisional';
  if (verdict.state !== 'non-compliant' && !provisional) return verdict;
  const spared = sparing(subject, checkId, policy, exemptions);
  if (spared === null) return verdict;
  if (verdict.state === 'non-compliant') return { ...verdict, ...spared, state: 'exempt' };
  return { state: 'exempt', why: verdict.reason, ...spared, idleSince: null, idleAtLeast: false };
}

function sparing(
  subject: Subject,
  checkId: CheckId,
  policy: Policy,
  exemptions: Exempting | null,
): { reason: string; exemptionId?: string } | null {
  const reason = policy.spared(subject);
  if (reason !== null) return { reason };
  const exemption = exemptions?.match(subject, checkId);
  return exemption ? { reason: exemption.reason, exemptionId: exemption.id } : null;
}

/**
 * A user whose credentials were not read has no passwords and keys to judge, and saying nothing would look like
 * health: each check of credentials answers "unknown" on the user instead, unless it is too young to be flagged.
 */
function* judgeUnread(
  enabled: readonly AnyCheck[],
  subject: UserSubject,
  policy: Policy,
  at: Date,
  exemptions: Exempting | null,
): Generator<Judgement, void, undefined> {
  const { user } = subject;
  if (user.credentials.state === 'known' || policy.spared(subject) !== null) return;
  const verdict: Verdict = { state: 'unknown', cause: 'unread', reason: user.credentials.reason };
  for (const check of enabled) {
    if (check.kind !== 'password' && check.kind !== 'access-key') continue;
    if ((check.id === 'root-access-key') !== user.isRoot) continue;
    const settings = policy.settings.checks[check.id];
    if ('idleDays' in settings && !reached(user.createdAt, settings.idleDays, at)) continue;
    if (exemptions?.match(subject, check.id)) continue;
    yield judgement(check, subject, verdict);
  }
}

/** The severity that a policy gives a check, else the check's own. */
export const severityOf = (check: AnyCheck, settings: PolicySettings): Severity =>
  settings.checks[check.id].severity ?? check.severity;
