import { trustedPrincipals } from '../../../scans/collectors/trust-policy';
import type { ActionContext } from '../../action';
import type { Observed } from '../../observed';
import type { Refusal } from '../../steps';
import { isMadeByUs } from '../steps/re-creation';
import { called, refusal } from './refusal';

/** Whom the saved identity is to be made again beside: nobody, itself where it was never deleted, or somebody else. */
export function refuseRestoring(seen: Observed | null, context: ActionContext): Refusal | null {
  const { item, snapshot } = context;
  if (snapshot === null) {
    return refusal(
      'NO_SNAPSHOT',
      `What ${called(item).replace('The', 'the')} was like is not kept any more.`,
      'It can only be made again by hand.',
    );
  }
  if (snapshot.uniqueId !== item.principal_id || snapshot.awsAccountId !== item.aws_account_id) {
    return refusal(
      'NO_SNAPSHOT',
      `What is kept for ${called(item).replace('The', 'the')} is somebody else’s: ${snapshot.uniqueId}.`,
      'Find out who has changed the database by hand. It can only be made again by hand.',
    );
  }
  if (seen && !isSavedOne(snapshot, seen) && !isMadeByUs(snapshot, seen, context)) {
    return refusal(
      'NAME_TAKEN',
      `There is another ${snapshot.kind} called ${snapshot.name} by now (${seen.uniqueId}).`,
      'Nothing is done to it. Rename or delete it first, or leave the old one deleted.',
    );
  }
  return seen === null ? deadTrust(snapshot) : null;
}

/** Never deleted: a deletion that halted, of which only some attachments are gone. */
export const isSavedOne = (snapshot: Observed, seen: Observed): boolean =>
  seen.uniqueId === snapshot.uniqueId && seen.awsAccountId === snapshot.awsAccountId;

const UNIQUE_ID = /^A(?:IDA|ROA)[A-Z0-9]{12,124}$/;

/**
 * Unique ids that a trust policy names in place of ARNs: AWS shows a principal so when it was deleted, and saves no
 * policy that names one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export const deadPrincipals = (trustPolicy: string): string[] =>
  (trustedPrincipals(trustPolicy) ?? []).filter((principal) => UNIQUE_ID.test(principal)).sort();

function deadTrust(snapshot: Observed): Refusal | null {
  if (snapshot.kind !== 'role') return null;
  const dead = deadPrincipals(snapshot.trustPolicy);
  if (dead.length === 0) return null;
  return refusal(
    'DEAD_PRINCIPAL',
    `The trust policy of ${snapshot.name} names principals that were deleted (${dead.join(', ')}), and AWS makes no role with such a policy.`,
    'Make the role by hand, with a trust policy that names who is meant now.',
  );
}
