import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import { Clock } from '../../../clock';
import { newId } from '../../../ids';
import { Handles, type TaskHandler } from '../../../tasks/handles';
import type { RunningTask } from '../../../tasks/running-task';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import type { AccountFacts } from '../../account-facts';
import { type AccountOutlook, Outlook } from './outlook.service';
import { parsePolicyDocument } from '../documents/policy-document';
import { previewChanges, previewRequest } from './policy-preview';
import type { PolicySet } from '../policy-set';
import { previewPolicies } from './preview-policies.definition';

type Payload = z.infer<typeof previewPolicies.payload>;

/** More than people read; the counts are of all. */
const MOST_CHANGES = 20_000;

/** Judges the accounts that a change of the policies affects, as saving would, and keeps what that gave. */
@Injectable()
@Handles(previewPolicies)
export class PreviewPoliciesTask implements TaskHandler<Payload> {
  constructor(
    private readonly database: TenantDatabase,
    private readonly outlook: Outlook,
    private readonly clock: Clock,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { tenantId, payload, signal } = task;
    const found = await this.begin(task);
    if (!found) return;
    let room = MOST_CHANGES;
    for (const { id: accountId } of found.accounts) {
      signal.throwIfAborted();
      await this.database.inTenant(tenantId, async (manager) => {
        await task.guard(manager);
        const seen = await this.outlook.of(manager, { tenantId, accountId }, found.after);
        await keep(manager, { tenantId, previewId: payload.previewId }, seen, room);
        room = Math.max(0, room - seen.changes.length);
      });
    }
    await this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      await manager.query(
        `UPDATE policy_previews SET state = 'finished', finished_at = $3 WHERE tenant_id = $1 AND id = $2`,
        [tenantId, payload.previewId, this.clock.now()],
      );
    });
  }

  /** Begins anew: a run that was cut off leaves no half of itself behind. Null: the preview is gone. */
  private async begin(
    task: RunningTask<Payload>,
  ): Promise<{ after: PolicySet; accounts: readonly AccountFacts[] } | null> {
    const { tenantId, payload } = task;
    return this.database.inTenant(tenantId, async (manager) => {
      await task.guard(manager);
      const [row] = await manager.query<{ request: unknown }[]>(
        'SELECT request FROM policy_previews WHERE tenant_id = $1 AND id = $2',
        [tenantId, payload.previewId],
      );
      if (!row) return null;
      const { documents, ...asked } = previewRequest.parse(row.request);
      const parsed = documents.map((document) => parsePolicyDocument(document));
      const found = await this.outlook.changed(manager, tenantId, { ...asked, documents: parsed });
      await manager.query('DELETE FROM policy_preview_changes WHERE tenant_id = $1 AND preview_id = $2', [
        tenantId,
        payload.previewId,
      ]);
      await manager.query(
        `UPDATE policy_previews SET state = 'running', accounts = $3, accounts_done = 0, opened = 0, resolved = 0,
           reopened = 0, exempted = 0, unchanged = 0, to_ask = 0 WHERE tenant_id = $1 AND id = $2`,
        [tenantId, payload.previewId, found.accounts.length],
      );
      return found;
    });
  }
}

async function keep(
  manager: EntityManager,
  { tenantId, previewId }: { tenantId: string; previewId: string },
  { accountId, changes, unchanged, toAsk }: AccountOutlook,
  room: number,
): Promise<void> {
  const rows = changes.slice(0, room).map(({ identityId, checkId, change, before, policy, why }) => ({
    ...{ id: newId(), identity_id: identityId, check_id: checkId },
    ...{ change, before, policy_name: policy, why },
  }));
  await manager.query(
    `INSERT INTO policy_preview_changes (tenant_id, id, preview_id, account_id, identity_id, check_id, change, before,
       policy_name, why)
     SELECT $1, id, $2, $3, identity_id, check_id, change, before, policy_name, why
     FROM jsonb_to_recordset($4::jsonb) AS r (id uuid, identity_id uuid, check_id text, change text, before text,
       policy_name text, why text)`,
    [tenantId, previewId, accountId, JSON.stringify(rows)],
  );
  const counts = previewChanges.map((kind) => changes.filter(({ change }) => change === kind).length);
  const sums = previewChanges.map((kind, index) => `${kind} = ${kind} + $${index + 5}`).join(', ');
  await manager.query(
    `UPDATE policy_previews SET accounts_done = accounts_done + 1, unchanged = unchanged + $3, to_ask = to_ask + $4,
       ${sums}
     WHERE tenant_id = $1 AND id = $2`,
    [tenantId, previewId, unchanged, toAsk, ...counts],
  );
}
