import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ArgsType, Field, ID } from '@nestjs/graphql';
import type { EntityManager } from 'typeorm';
import { badInput, DomainError, notFound } from '../../errors';
import { actingAs, decisionsWritten } from '../../tenancy/actor';
import { AuditLog } from '../../tenancy/audit-log.service';
import type { Principal } from '../../tenancy/principal';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../tenancy/tenant-database';
import { readIdOf } from '../../api-id';
import { noteOf } from './mutation-notes';
import type { RequestContext } from './request-context';

/** What every mutation takes. */
@ArgsType()
export class OnceArgs {
  @Field(() => String, {
    nullable: true,
    description:
      'Your own name for this request (1–200 characters). Sent again with the same arguments it answers the same and does nothing twice; with other arguments it is the error IDEMPOTENCY_CONFLICT.',
  })
  idempotencyKey?: string | null;
}

/** What every mutation within a tenant takes. */
@ArgsType()
export class ActArgs extends OnceArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'The tenant to act in (its id): platform tokens must name it, a tenant’s own token need not.',
  })
  tenant?: string | null;
}

export interface Change {
  /** The mutation's name. */
  readonly operation: string;
  /** All of its arguments. */
  readonly args: OnceArgs & { readonly tenant?: string | null | undefined };
}

/** Small enough to keep for an idempotency key: ids, never a secret. */
export type Outcome = Readonly<Record<string, string | boolean | readonly string[] | null>>;

/** As whom a mutation acts, and that it acts once. */
@Injectable()
export class Acting {
  constructor(
    private readonly database: TenantDatabase,
    private readonly auditLog: AuditLog,
  ) {}

  /** The tenant that is acted in. Throws BAD_INPUT when a platform caller names none, NOT_FOUND for a foreign one. */
  tenantOf(principal: Principal, tenant: string | null | undefined): string {
    if (tenant == null) {
      if (principal.scope === 'tenant') return principal.tenantId;
      throw badInput('tenant: a platform token must name the tenant it acts in.');
    }
    const { id } = readIdOf('Tenant', tenant, 'tenant');
    if (principal.scope === 'tenant' && id !== principal.tenantId) throw notFound('tenant: the tenant');
    return id;
  }

  /** One transaction in the tenant that is acted in: the change and the memory of it, or neither. */
  async inTenant<T extends Outcome>(
    ask: RequestContext,
    change: Change,
    work: (manager: EntityManager, tenantId: string) => Promise<T>,
  ): Promise<T> {
    const tenantId = this.tenantOf(ask.principal, change.args.tenant);
    return actingAs(ask.actor, () =>
      this.database.inTenant(tenantId, async (manager) => {
        await mustExist(manager, tenantId);
        return once(manager, tenantId, change, () => this.noted(manager, change, () => work(manager, tenantId)));
      }),
    );
  }

  /** The same in the platform's own tenant. */
  async inPlatform<T extends Outcome>(
    ask: RequestContext,
    change: Change,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    return actingAs(ask.actor, () =>
      this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
        once(manager, PLATFORM_TENANT_ID, change, () => this.noted(manager, change, () => work(manager))),
      ),
    );
  }

  /**
   * For what cannot be one transaction. `work` must be harmless when done twice: of two calls at the same moment both may
   * do it, and so does the next call after a process that ended in the middle.
   */
  async around<T extends Outcome>(
    ask: RequestContext,
    tenantId: string,
    change: Change,
    work: () => Promise<T>,
  ): Promise<T> {
    return actingAs(ask.actor, async () => {
      if (change.args.idempotencyKey != null) {
        const known = await this.database.inTenant(tenantId, async (manager) => {
          await mustExist(manager, tenantId);
          return recall<T>(manager, tenantId, change);
        });
        if (known) return known;
      }
      const outcome = await work();
      return this.database.inTenant(tenantId, (manager) =>
        once(manager, tenantId, change, () => this.noted(manager, change, async () => outcome)),
      );
    });
  }

  /** For what a mutation does besides, in transactions of its own. */
  async as<T>(ask: RequestContext, work: () => Promise<T>): Promise<T> {
    return actingAs(ask.actor, work);
  }

  /** Every mutation leaves an entry: where the services have noted nothing, its name and its arguments. */
  private async noted<T extends Outcome>(manager: EntityManager, change: Change, work: () => Promise<T>): Promise<T> {
    const outcome = await work();
    if (decisionsWritten() === 0 && this.auditLog.notesOf(manager).length === 0) {
      this.auditLog.note(manager, noteOf(change, outcome));
    }
    return outcome;
  }
}

async function mustExist(manager: EntityManager, tenantId: string): Promise<void> {
  const found = await manager.query<unknown[]>('SELECT 1 FROM tenants WHERE id = $1', [tenantId]);
  if (found.length === 0) throw notFound('tenant: the tenant');
}

async function once<T extends Outcome>(
  manager: EntityManager,
  tenantId: string,
  change: Change,
  work: () => Promise<T>,
): Promise<T> {
  const key = keyOf(change);
  if (key === null) return work();
  // Waits for another request with this key to commit or to roll back.
  const claimed = await manager.query<unknown[]>(
    `INSERT INTO idempotency_keys (tenant_id, key, operation, request_hash) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, key) DO NOTHING RETURNING key`,
    [tenantId, key, change.operation, hashOf(change)],
  );
  if (claimed.length === 0) {
    const known = await recall<T>(manager, tenantId, change);
    if (known) return known;
    throw new Error('An idempotency key without a result.');
  }
  const outcome = await work();
  await manager.query('UPDATE idempotency_keys SET result = $3 WHERE tenant_id = $1 AND key = $2', [
    tenantId,
    key,
    JSON.stringify(outcome),
  ]);
  return outcome;
}

/** What this request was answered before; undefined: it is new. Throws IDEMPOTENCY_CONFLICT. */
async function recall<T extends Outcome>(
  manager: EntityManager,
  tenantId: string,
  change: Change,
): Promise<T | undefined> {
  const key = keyOf(change);
  const [row] = await manager.query<{ operation: string; request_hash: Buffer; result: T | null }[]>(
    'SELECT operation, request_hash, result FROM idempotency_keys WHERE tenant_id = $1 AND key = $2',
    [tenantId, key],
  );
  if (!row) return undefined;
  if (row.operation !== change.operation || !row.request_hash.equals(hashOf(change))) {
    throw new DomainError(
      'IDEMPOTENCY_CONFLICT',
      `idempotencyKey: this key was used for another request (${row.operation}). Use a new key for a new request.`,
    );
  }
  return row.result ?? undefined;
}

function keyOf({ args: { idempotencyKey } }: Change): string | null {
  if (idempotencyKey == null) return null;
  if (idempotencyKey === '' || idempotencyKey.length > 200)
    throw badInput('idempotencyKey: must have 1 to 200 characters.');
  return idempotencyKey;
}

function hashOf({ operation, args }: Change): Buffer {
  const { idempotencyKey: _key, ...request } = args;
  return createHash('sha256')
    .update(JSON.stringify([operation, sorted(request)]))
    .digest();
}

/** The same arguments in another order are the same request. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Date) return value ?? null;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.entries(value)
    .filter(([, inner]) => inner != null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)]);
}
