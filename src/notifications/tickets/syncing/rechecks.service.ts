import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { accountLane } from '../../../accounts/account';
import type { Partition } from '../../../aws/partitions';
import { recheckFinding } from '../../../findings/recheck-finding.task';
import { TaskQueue } from '../../../tasks/task-queue.service';
import type { TicketRow } from '../ticket';

/** Each is one user or role, read from IAM. */
const MOST = 100;

interface Principal {
  account_id: string;
  partition: Partition;
  aws_account_id: string;
  principal_id: string;
  kind: 'user' | 'role';
}

/** Looks at IAM again for what people said they had done. */
@Injectable()
export class TicketRechecks {
  constructor(private readonly queue: TaskQueue) {}

  /** Of the findings that the ticket speaks of and that are open, the first hundred users and roles. Returns the tasks. */
  async ask(manager: EntityManager, { tenant_id: tenantId, id }: TicketRow): Promise<string[]> {
    const principals = await manager.query<Principal[]>(
      `SELECT DISTINCT f.account_id, a.partition, a.aws_account_id, coalesce(i.owner_id, i.id) AS principal_id,
         CASE WHEN i.kind = 'role' THEN 'role' ELSE 'user' END AS kind
       FROM ticket_findings h
       JOIN findings f ON f.tenant_id = h.tenant_id AND f.id = h.finding_id AND f.status = 'open'
       JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id AND i.gone_at IS NULL
       JOIN accounts a ON a.tenant_id = f.tenant_id AND a.id = f.account_id AND a.status = 'owned'
       WHERE h.tenant_id = $1 AND h.ticket_id = $2 ORDER BY principal_id LIMIT ${MOST}`,
      [tenantId, id],
    );
    return this.queue.enqueueMany(
      manager,
      principals.map((principal) => ({
        ...{ tenantId, task: recheckFinding, lane: accountLane(principal), dedupeKey: principal.principal_id },
        payload: { accountId: principal.account_id, kind: principal.kind, principalId: principal.principal_id },
      })),
    );
  }

  /** Whether all of it was read and judged, or given up. */
  async areOver(
    manager: EntityManager,
    { tenant_id: tenantId, id, recheck_tasks: tasks }: TicketRow,
  ): Promise<boolean> {
    const open = await manager.query<unknown[]>(
      `SELECT 1 FROM tasks WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND state IN ('waiting', 'admitted', 'running')
       UNION ALL
       SELECT 1 FROM tasks t WHERE t.tenant_id = $1 AND t.kind = 'judge-account'
         AND t.state IN ('waiting', 'admitted', 'running')
         AND t.payload ->> 'accountId' IN (SELECT h.account_id::text FROM ticket_findings h
                                           WHERE h.tenant_id = $1 AND h.ticket_id = $3)
       LIMIT 1`,
      [tenantId, tasks ?? [], id],
    );
    return open.length === 0;
  }
}
