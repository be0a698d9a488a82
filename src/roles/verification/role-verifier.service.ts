import { Injectable } from '@nestjs/common';
import { ExternalIds } from '../../accounts/external-ids.service';
import { AwsService } from '../../aws/aws.service';
import type { RoleProof } from '../../aws/role-proof';
import { Config } from '../../config';
import { AccountDoor } from '../../scans/account-door';
import type { RunningTask } from '../../tasks/running-task';
import { changes } from '../templates/policy';
import type { VerifiableAccount } from './account-roles.service';
import { ACCOUNT_ROLE_KINDS, type AccountRoleKind, type RoleFindings } from './findings';
import { neededPermissions } from './needed-permissions';
import type { Verified } from './samples';
import { tooWide } from './too-wide';

/** Looks at an account's roles: whether each is ours to assume, and only ours, and what it may do. */
@Injectable()
export class RoleVerifier {
  constructor(
    private readonly aws: AwsService,
    private readonly externalIds: ExternalIds,
    private readonly door: AccountDoor,
    private readonly config: Config,
  ) {}

  /** @throws DomainError when AWS gave no answer that proves anything (throttled, unreachable …). */
  async prove(account: VerifiableAccount, kind: AccountRoleKind, roleArn: string): Promise<RoleProof> {
    return this.aws.proveRole({
      roleArn,
      externalId: await this.externalIds.of(account),
      withoutExternalIdChecks: this.config.skipExternalIdCheck,
      withSourceIdentity: changes(kind),
    });
  }

  /**
   * Looks at every role that the account has. What the clean-up and restore roles may do is asked of IAM by the scan
   * role: nothing is changed to find out. Throws as `prove` does.
   */
  async verify(task: RunningTask, account: VerifiableAccount): Promise<RoleFindings[]> {
    const verified = verifiedOf(account);
    const proofs: { kind: AccountRoleKind; roleArn: string; proof: RoleProof }[] = [];
    for (const kind of ACCOUNT_ROLE_KINDS) {
      const roleArn = verified.roleArns[kind];
      if (roleArn !== undefined) proofs.push({ kind, roleArn, proof: await this.prove(account, kind, roleArn) });
    }
    // By a role that anybody could have used, nothing is read.
    if (proofs[0]?.proof.outcome !== 'ok') return proofs.map((one) => ({ ...one, ...refused(one.proof) }));
    const access = await this.door.openTarget(task, account);
    try {
      const found: RoleFindings[] = [];
      for (const one of proofs) {
        const permissions = await neededPermissions(access, verified, one.kind);
        found.push({ ...one, ...refused(one.proof), permissions, tooWide: await tooWide(access, verified, one.kind) });
      }
      return found;
    } finally {
      access.close();
    }
  }
}

/** What a proof says, without any permissions. */
export function refused(proof: RoleProof): Omit<RoleFindings, 'kind' | 'roleArn'> {
  const { outcome } = proof;
  return {
    outcome,
    problem: proof.outcome === 'ok' ? null : proof.reason,
    remedy: proof.outcome === 'ok' ? null : proof.remedy,
    permissions: [],
    tooWide: [],
  };
}

const verifiedOf = (account: VerifiableAccount): Verified => ({
  partition: account.partition,
  accountId: account.aws_account_id,
  roleArns: {
    scan: account.role_arn,
    ...(account.cleanup_role_arn === null ? {} : { cleanup: account.cleanup_role_arn }),
    ...(account.restore_role_arn === null ? {} : { restore: account.restore_role_arn }),
  },
});
