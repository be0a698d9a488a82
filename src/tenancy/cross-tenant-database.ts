import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Config } from '../config';
import { openPool, WORK_LIMITS } from './connections';

/**
 * The two logins that see across tenants: `dispatcher` (tasks, lanes and schedules only) and `platform` (read-only, with
 * a statement timeout). A lint rule lets only `tasks/` and `graphql/` import this file.
 */
@Injectable()
export class CrossTenantDatabase implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(CrossTenantDatabase.name);
  private readonly pools;

  constructor(config: Config) {
    const size = Math.min(4, config.databasePoolSize);
    this.pools = {
      dispatcher: openPool(config.dispatcherDatabaseUrl, 'dispatcher', { size, limits: WORK_LIMITS }),
      platform: openPool(config.platformDatabaseUrl, 'platform', {
        size,
        limits: { ...WORK_LIMITS, statementTimeoutMs: config.readTimeoutMs },
      }),
    };
  }

  async onModuleInit(): Promise<void> {
    await Promise.all(Object.values(this.pools).map((pool) => pool.initialize()));
  }

  async onApplicationShutdown(): Promise<void> {
    const open = Object.values(this.pools).filter((pool) => pool.isInitialized);
    await Promise.all(open.map((pool) => pool.destroy()));
  }

  /** Runs `work` in one transaction on a login that sees every tenant. `reason` says why, for the log. */
  async acrossTenants<T>(
    login: 'dispatcher' | 'platform',
    reason: string,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    this.logger.debug(`across tenants as ${login}: ${reason}`);
    return this.pools[login].transaction(work);
  }
}
