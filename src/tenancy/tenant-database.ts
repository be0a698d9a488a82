import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Config } from '../config';
import { isId } from '../ids';
import { AuditLog } from './audit-log.service';
import { openPool, StatementCounter, WORK_LIMITS } from './connections';

export const PLATFORM_TENANT_ID = '00000000-0000-7000-8000-000000000000';

export interface Limits {
  /** How long one statement may take, in milliseconds; default: what background work may take. */
  readonly statementTimeoutMs?: number;
}

interface Inside {
  readonly tenantId: string;
  manager?: EntityManager;
}

/**
 * The one door to tenants' data. What comes out of it is a transaction in which Postgres itself shows and accepts rows
 * of one tenant only (row-level security, forced), on a login that owns nothing.
 */
@Injectable()
export class TenantDatabase implements OnModuleInit, OnApplicationShutdown {
  readonly counter = new StatementCounter();
  private readonly source;
  private readonly inside = new AsyncLocalStorage<Inside>();

  constructor(
    config: Config,
    private readonly auditLog: AuditLog,
  ) {
    this.source = openPool(config.appDatabaseUrl, 'app', {
      size: config.databasePoolSize,
      limits: WORK_LIMITS,
      logger: this.counter,
    });
  }

  async onModuleInit(): Promise<void> {
    await this.source.initialize();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  /**
   * Runs `work` in one transaction as `tenantId`; commits when it resolves, rolls back when it throws. What it has noted
   * in the audit log is written last. Calls must not nest (a second transaction would not see the first one's writes, and
   * could deadlock the pool), and nothing slow may happen inside: no AWS, queue or HTTP call. Throws on a nested call or
   * an id that is not a UUID.
   */
  async inTenant<T>(
    tenantId: string,
    work: (manager: EntityManager) => Promise<T>,
    { statementTimeoutMs }: Limits = {},
  ): Promise<T> {
    const outer = this.inside.getStore();
    if (outer !== undefined) throw new Error('inTenant does not nest: pass the EntityManager on instead.');
    if (!isId(tenantId)) throw new Error('inTenant needs the id of a tenant.');
    const here: Inside = { tenantId };
    return this.inside.run(here, () =>
      this.source.transaction(async (manager) => {
        here.manager = manager;
        await enter(manager, tenantId, statementTimeoutMs);
        const result = await work(manager);
        await this.auditLog.write(manager);
        return result;
      }),
    );
  }

  /**
   * For the service's own tables, which belong to no tenant: in the transaction that is under way, so that the pool is
   * not asked for a second connection, else in one of its own. There, a tenant's table is an error.
   */
  async ofNoTenant<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const outer = this.inside.getStore()?.manager;
    return outer ? work(outer) : this.source.transaction(work);
  }

  /** Who holds the token with this SHA-256 hash: the one question asked before a tenant is known. */
  async principalOfToken(hash: Buffer): Promise<PrincipalRow | undefined> {
    const rows = await this.source.query<PrincipalRow[]>('SELECT * FROM principal_of_token($1)', [hash]);
    return rows[0];
  }

  /** Answers when the database does; for readiness. */
  async ping(): Promise<void> {
    await this.source.query('SELECT 1');
  }

  async noTokenYet(): Promise<boolean> {
    const rows = await this.source.query<{ yes: boolean }[]>('SELECT no_token_yet() AS yes');
    return rows[0]?.yes ?? false;
  }
}

/** Sets the tenant for the transaction, and with it for every statement's row-level security. */
async function enter(manager: EntityManager, tenantId: string, statementTimeoutMs: number | undefined): Promise<void> {
  const set = async (): Promise<string | null> => {
    // All of it ends with the transaction: what comes next on this connection finds nothing.
    const [before] = await manager.query<{ tenant: string | null }[]>(
      `SELECT current_setting('mothball.tenant_id', true) AS tenant, set_config('mothball.tenant_id', $1, true)${
        statementTimeoutMs === undefined
          ? ''
          : `, set_config('statement_timeout', '${Math.ceil(statementTimeoutMs)}', true)`
      }`,
      [tenantId],
    );
    return before?.tenant ?? null;
  };
  if (!(await set())) return;
  // Somebody has set it for the whole session. Where a transaction is rolled back too early, that one would come back.
  await manager.query('ROLLBACK');
  await manager.query('RESET mothball.tenant_id');
  await manager.query('START TRANSACTION');
  await set();
}

export interface PrincipalRow {
  token_id: string;
  token_name: string;
  tenant_id: string;
  tenant_name: string;
  tenant_kind: 'platform' | 'customer';
  role: 'admin' | 'approver' | 'viewer' | 'auditor';
  expires_at: Date | null;
  stands_for: string | null;
}
