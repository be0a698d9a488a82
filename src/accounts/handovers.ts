import type { EntityManager } from 'typeorm';
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
