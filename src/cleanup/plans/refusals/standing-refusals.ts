import { unreachable } from '../../../errors';
import { usesBoundary } from '../../items/course-facts';
import type { Refusal } from '../../steps';
import type { Considered } from '../considered';
import { accountRefusal } from './account-refusals';
import { forHandsOnly } from './for-hands-only';
import { asCode, unfit, untouchable } from './identity-refusals';

/**
 * Why a candidate may not be in a plan that is carried out; null: it may. The same is asked again, by fresh reads, before
 * anything is done. What can never be comes first, what somebody can mend later.
 */
export function standingRefusal(considered: Considered): Refusal | null {
  for (const rule of RULES) {
    const refusal = rule(considered);
    if (refusal) return refusal;
  }
  return null;
}

const RULES: readonly ((considered: Considered) => Refusal | null)[] = [
  untouchable,
  ({ account }) => accountRefusal(account),
  inAnotherPlan,
  exempt,
  judged,
  inUse,
  unfit,
  asCode,
  trustedElsewhere,
  forHandsOnly,
];

function inAnotherPlan({ other }: Considered): Refusal | null {
  if (!other) return null;
  if (other.stage === 'quarantined' || other.stage === 'announced') {
    return {
      code: 'IN_QUARANTINE',
      reason: `It is in quarantine by the plan "${other.plan_title}".`,
      remedy:
        other.plan_goal === 'quarantine'
          ? 'Make a plan with the goal DELETION to go on from there, or restore it.'
          : 'That plan goes on by itself; restore it there to end its quarantine.',
    };
  }
  return {
    code: 'IN_ANOTHER_PLAN',
    reason: `The plan "${other.plan_title}" has it, or something that belongs to it.`,
    remedy: 'Wait for the end of that plan, or cancel it.',
  };
}

function exempt({ exempt: reason, verdicts }: Considered): Refusal | null {
  const spared = verdicts.map(({ verdict }) => verdict).find((verdict) => verdict?.state === 'exempt');
  const why = reason ?? (spared?.state === 'exempt' ? spared.reason : null);
  return why === null
    ? null
    : {
        code: 'EXEMPT',
        reason: `It is exempt at this moment: ${why}`,
        remedy: 'Nothing has to be done; to put it away all the same, end the exemption or change the policy.',
      };
}

function judged({ verdicts, continues, candidate }: Considered): Refusal | null {
  if (candidate.findings.some(({ status }) => status === 'resolved')) {
    return {
      code: 'NOT_FLAGGED',
      reason: 'Its finding has been resolved since.',
      remedy: 'Nothing has to be done.',
    };
  }
  for (const { checkId, verdict } of verdicts) {
    if (verdict === undefined || verdict.state === 'compliant') {
      // What is in quarantine does not look as it did: its key is inactive. Idleness is asked below all the same.
      if (continues) continue;
      return {
        code: 'NOT_FLAGGED',
        reason: `The check ${checkId} does not flag it any more${verdict ? `: ${verdict.why}` : '.'}`,
        remedy: 'Nothing has to be done: its finding ends with the next judgement.',
      };
    }
    switch (verdict.state) {
      case 'unknown':
        return {
          code: 'UNKNOWN',
          reason: `The check ${checkId} cannot tell: ${verdict.reason}`,
          remedy: 'Have the account scanned again until this is known, and make the plan again.',
        };
      case 'non-compliant':
      case 'exempt':
        continue;
      default:
        unreachable(verdict);
    }
  }
  return null;
}

function inUse({ idle, idleDays }: Considered): Refusal | null {
  switch (idle.state) {
    case 'idle':
      return null;
    case 'active':
      return {
        code: 'IN_USE',
        reason: `${idle.why} Nothing is put away that was used, made or changed within ${idleDays} days.`,
        remedy: 'Put something else in its place first, and make the plan when it has been idle for long enough.',
      };
    case 'unknown':
      return {
        code: 'UNKNOWN',
        reason: `Whether it is used is not known: ${idle.reason}`,
        remedy: 'Have the account scanned again until this is known, and make the plan again.',
      };
    default:
      return unreachable(idle);
  }
}

function trustedElsewhere({ trustedElsewhere: trusted, candidate }: Considered): Refusal | null {
  if (!trusted || !usesBoundary(candidate.course)) return null;
  return {
    code: 'TRUSTED_ELSEWHERE',
    reason: 'A role of an account that is not this tenant’s trusts it.',
    remedy: 'Ask whoever runs Mothball to find out whose role that is, and have the trust removed there first.',
  };
}
