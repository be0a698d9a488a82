import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../../clock';
import { notFound } from '../../../errors';
import { newId } from '../../../ids';
import {
  countOf,
  fetchPage,
  ofTenant,
  run,
  type Listing,
  type Page,
  type PageArgs,
  type Reader,
} from '../../../paging';
import { TaskQueue } from '../../../tasks/task-queue.service';
import { type Apply, isStanding, wantedBy } from '../policies.service';
import { planPolicies } from '../policy-plan';
import type { PreviewChange, PreviewChangeRow, PreviewRequest, PreviewRow } from './policy-preview';
import { PolicyStore } from '../policy-store.service';
import { previewPolicies } from './preview-policies.definition';

/** A look at what is to be saved is kept for so long. */
const KEPT_DAYS = 7;

/** What saving would do, worked out by a task and kept for a while. */
@Injectable()
export class PolicyPreviews {
  constructor(
    private readonly store: PolicyStore,
    private readonly queue: TaskQueue,
    private readonly clock: Clock,
  ) {}

  /** Returns the preview's id. Throws BAD_INPUT for what could not be saved either. */
  async request(
    manager: EntityManager,
    tenantId: string,
    asked: Pick<Apply, 'documents' | 'mode'> & { asAgreed: boolean },
    requestedBy: string,
  ): Promise<string> {
    const all = await this.store.all(manager, tenantId);
    planPolicies(all, wantedBy(all.filter(isStanding), asked));
    const at = this.clock.now();
    await manager.query('DELETE FROM policy_previews WHERE tenant_id = $1 AND created_at < $2', [
      tenantId,
      new Date(at.getTime() - KEPT_DAYS * DAY_MS),
    ]);
    const id = newId();
    const { mode, asAgreed } = asked;
    const request: PreviewRequest = { documents: asked.documents.map(({ source }) => source), mode, asAgreed };
    await manager.query(
      'INSERT INTO policy_previews (tenant_id, id, request, requested_by, created_at) VALUES ($1, $2, $3, $4, $5)',
      [tenantId, id, JSON.stringify(request), requestedBy, at],
    );
    await this.queue.enqueue(manager, {
      tenantId,
      task: previewPolicies,
      payload: { previewId: id },
      dedupeKey: id,
      priority: 'urgent',
    });
    return id;
  }

  /** @throws NOT_FOUND */
  async byId(reader: Reader, id: string): Promise<PreviewRow> {
    const [row] = await this.byIds(reader, [id]);
    if (!row) throw notFound('The preview');
    return row;
  }

  async byIds(reader: Reader, ids: readonly string[]): Promise<PreviewRow[]> {
    return run<PreviewRow>(
      reader.manager,
      sql`SELECT v.tenant_id, v.id, v.state, v.accounts, v.accounts_done, v.opened, v.resolved, v.reopened, v.exempted,
            v.unchanged, v.to_ask, v.requested_by, v.created_at, v.finished_at
          FROM policy_previews v WHERE ${ofTenant(reader, 'v.tenant_id')} AND v.id = ANY (${ids}::uuid[])`,
    );
  }

  async changes(reader: Reader, of: ChangesOf, args: PageArgs): Promise<Page<PreviewChangeRow>> {
    return fetchPage(reader.manager, listing(reader, of), args);
  }

  async countChanges(reader: Reader, of: ChangesOf): Promise<number> {
    return countOf(reader.manager, listing(reader, of));
  }
}

export interface ChangesOf {
  readonly previewId: string;
  readonly change?: PreviewChange | null | undefined;
}

const listing = (reader: Reader, { previewId, change }: ChangesOf): Listing => ({
  select: sql`c.tenant_id, c.id, c.account_id, c.identity_id, c.check_id, c.change, c.before, c.policy_name, c.why`,
  from: sql`policy_preview_changes c`,
  where: [
    ofTenant(reader, 'c.tenant_id'),
    sql`c.preview_id = ${previewId}`,
    ...(change == null ? [] : [sql`c.change = ${change}`]),
  ],
  sort: [{ by: sql`c.id`, type: 'uuid', descending: false }],
});
