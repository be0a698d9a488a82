import { randomUUID } from 'node:crypto';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { assumeRoleInput, roleError } from './assumed-role';
import { isDenied, translateAwsError } from './errors';

/** What trying a role with, without and with a wrong external id has shown. */
export type RoleProof =
  | { readonly outcome: 'ok'; readonly assumedRoleArn: string }
  | {
      readonly outcome: 'not-assumable' | 'assumable-without-external-id' | 'assumable-with-wrong-external-id';
      readonly reason: string;
      readonly remedy: string;
    };

export interface RoleToProve {
  readonly roleArn: string;
  readonly externalId: string;
  /** Asks only whether the role can be assumed: for emulators, which do not look at trust policies. */
  readonly withoutExternalIdChecks?: boolean;
  readonly sessionName?: string;
}

const SHORTEST_SESSION_SECONDS = 900;

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
  if (role.withoutExternalIdChecks) return { outcome: 'ok', assumedRoleArn: first.assumedRoleArn };

  const remedy = `Add the condition StringEquals sts:ExternalId = "${role.externalId}" to every statement of the trust policy of ${roleArn} that names Mothball's principal.`;
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
async function tryRole(sts: STSClient, role: RoleToProve, externalId: string | undefined): Promise<Trial> {
  const input = assumeRoleInput({
    roleArn: role.roleArn,
    externalId,
    sessionName: role.sessionName ?? 'mothball-verify',
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
