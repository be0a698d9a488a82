import { randomUUID } from 'node:crypto';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { assumeRoleInput, roleError } from './assumed-role';
import { isDenied, translateAwsError } from './errors';

/** What trying a role with, without and with a wrong external id has shown. */
export type RoleProof =
  | { readonly outcome: 'ok'; readonly assumedRoleArn: string }
  | {
      readonly outcome:
        | 'not-assumable'
        | 'assumable-without-external-id'
        | 'assumable-with-wrong-external-id'
        | 'source-identity-refused';
      readonly reason: string;
      readonly remedy: string;
    };

export interface RoleToProve {
  readonly roleArn: string;
  readonly externalId: string;
  /** Asks only whether the role can be assumed: for emulators, which do not look at trust policies. */
  readonly withoutExternalIdChecks?: boolean;
  readonly sessionName?: string;
  /** Whether sessions must be able to carry a source identity: those that change something do. */
  readonly withSourceIdentity?: boolean;
}

const SHORTEST_SESSION_SECONDS = 900;
const VERIFICATION = 'mothball-verify';

/**
 * Proves that whoever made the role meant this registration: it must be assumable with its external id, and not
 * without one or with another, or anyone who knows the ARN could have it read by us (the confused deputy).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 * @throws DomainError when AWS gave no answer that proves anything (throttled, unreachable …).
 */
export async function proveRole(sts: STSClient, role: RoleToProve): Promise<RoleProof> {
  const { roleArn } = role;
  const first = await tryRole(sts, role, role.externalId);
  if (first.denied) {
    const { message, remedy } = roleError(first.error, roleArn);
    return { outcome: 'not-assumable', reason: message, remedy: remedy ?? message };
  }
  if (role.withSourceIdentity && (await tryRole(sts, role, role.externalId, VERIFICATION)).denied) {
    return {
      outcome: 'source-identity-refused',
      reason: `The role ${roleArn} can be assumed, but not with a source identity, by which CloudTrail shows what each session was for.`,
      remedy: `Allow sts:SetSourceIdentity to Mothball's principal in the trust policy of ${roleArn}, in a statement without a condition on sts:ExternalId, and to Mothball itself on that role.`,
    };
  }
  if (role.withoutExternalIdChecks) return { outcome: 'ok', assumedRoleArn: first.assumedRoleArn };

  // Not the external id itself: the sentence is kept in the database, where the id lies sealed only.
  const remedy = `Add the condition StringEquals sts:ExternalId = (the external id that setup shows) to every statement of the trust policy of ${roleArn} that names Mothball's principal.`;
  const without = await tryRole(sts, role, undefined);
  if (!without.denied) {
    return {
      outcome: 'assumable-without-external-id',
      reason: `The role ${roleArn} can be assumed without an external id, so anyone who knows its ARN could have it used.`,
      remedy,
    };
  }
  const wrong = await tryRole(sts, role, `wrong-${randomUUID()}`);
  if (!wrong.denied) {
    return {
      outcome: 'assumable-with-wrong-external-id',
      reason: `The role ${roleArn} can be assumed with any external id, so anyone who knows its ARN could have it used.`,
      remedy,
    };
  }
  return { outcome: 'ok', assumedRoleArn: first.assumedRoleArn };
}

type Trial =
  { readonly denied: false; readonly assumedRoleArn: string } | { readonly denied: true; readonly error: unknown };

/** The credentials of a trial are dropped where they arrive. */
async function tryRole(
  sts: STSClient,
  role: RoleToProve,
  externalId: string | undefined,
  sourceIdentity?: string,
): Promise<Trial> {
  const input = assumeRoleInput({
    roleArn: role.roleArn,
    externalId,
    sourceIdentity,
    sessionName: role.sessionName ?? VERIFICATION,
    durationSeconds: SHORTEST_SESSION_SECONDS,
  });
  try {
    const { AssumedRoleUser } = await sts.send(new AssumeRoleCommand(input));
    return { denied: false, assumedRoleArn: AssumedRoleUser?.Arn ?? role.roleArn };
  } catch (error) {
    if (isDenied(error)) return { denied: true, error };
    throw translateAwsError(error, { action: 'sts:AssumeRole', roleArn: role.roleArn });
  }
}
