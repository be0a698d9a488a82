import type { EntityManager } from 'typeorm';
import { DomainError } from '../errors';
import type { AuditLog } from '../tenancy/audit-log.service';
import { PLATFORM_TENANT_ID } from '../tenancy/tenant-database';

interface Side {
  readonly tenantId: string;
  readonly accountId: string;
}

/** An account that changes hands by a decision of the platform. */
export interface Handover {
  /** Null: nobody held it any more. */
  readonly from: Side | null;
  readonly to: Side;
  readonly partition: string;
  readonly awsAccountId: string;
  readonly name: string;
}

/**
 * Notes it in the logs of both tenants, an entry for each account. Neither is told who the other one is. The platform's
 * own log has the decision.
 */
export function noteHandovers(auditLog: AuditLog, manager: EntityManager, handovers: readonly Handover[]): void {
  for (const { from, to, partition, awsAccountId, name } of handovers) {
    if (from && from.tenantId !== PLATFORM_TENANT_ID) {
      auditLog.noteIn(manager, from.tenantId, {
        action: 'account.handed-over',
        object: { type: 'account', id: from.accountId },
        before: { partition, awsAccountId },
      });
    }
    if (to.tenantId !== PLATFORM_TENANT_ID) {
      auditLog.noteIn(manager, to.tenantId, {
        action: 'account.received',
        object: { type: 'account', id: to.accountId },
        after: { partition, awsAccountId, name },
      });
    }
  }
}

/** `object_in_use`: what a trigger of the schema says where an account may not change hands yet. */
const IN_USE = '55006';

/** The error for people where clean-up still holds something of the account; null: `error` is another one. */
export function heldAtWork(error: unknown): DomainError | null {
  if (!(error instanceof Error && 'code' in error && error.code === IN_USE)) return null;
  const account = /account (\d{12})/.exec(error.message)?.[1] ?? 'The account';
  return new DomainError(
    'CONFLICT',
    `${account} still holds users, roles or keys in quarantine: nobody could give them back once it has changed hands.`,
    { remedy: 'Have the tenant restore them or finish their deletion, then try again.' },
  );
}
