import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Config } from '../config';
import { isId } from '../ids';
import { openPool, StatementCounter } from './connections';

export const PLATFORM_TENANT_ID = '00000000-0000-7000-8000-000000000000';

/**
 * The one door to tenants' data. What comes out of it is a transaction in which Postgres itself shows and accepts rows
 * of one tenant only (row-level security, forced), on a login that owns nothing.
 */
@Injectable()
export class TenantDatabase implements OnModuleInit, OnApplicationShutdown {
  readonly counter = new StatementCounter();
  private readonly source;
  private readonly inside = new AsyncLocalStorage<string>();

  constructor(config: Config) {
    this.source = openPool(config.appDatabaseUrl, 'app', config.databasePoolSize, this.counter);
  }

  async onModuleInit(): Promise<void> {
    await this.source.initialize();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  /**
   * Runs `work` in one transaction as `tenantId`; commits when it resolves, rolls back when it throws. Calls must not
   * nest (a second transaction would not see the first one's writes, and could deadlock the pool), and nothing slow may
   * happen inside: no AWS, queue or HTTP call. Throws on a nested call or an id that is not a UUID.
   */
  async inTenant<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const outer = this.inside.getStore();
    if (outer !== undefined) throw new Error('inTenant does not nest: pass the EntityManager on instead.');
    if (!isId(tenantId)) throw new Error('inTenant needs the id of a tenant.');
    return this.inside.run(tenantId, () =>
      this.source.transaction(async (manager) => {
        await manager.query(`SELECT set_config('mothball.tenant_id', $1, true)`, [tenantId]);
        return work(manager);
      }),
    );
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

export interface PrincipalRow {
  token_id: string;
  token_name: string;
  tenant_id: string;
  tenant_name: string;
  tenant_kind: 'platform' | 'customer';
  role: 'admin' | 'approver' | 'viewer' | 'auditor';
}
