import { DataSource, type Logger } from 'typeorm';

/** Counts the statements that pass a connection pool; tests hold GraphQL to it. */
export class StatementCounter implements Logger {
  readonly statements: string[] = [];
  private recording = false;

  /** Runs `work` and returns the statements that were sent meanwhile. */
  async during(work: () => Promise<unknown>): Promise<readonly string[]> {
    this.statements.length = 0;
    this.recording = true;
    try {
      await work();
    } finally {
      this.recording = false;
    }
    return [...this.statements];
  }

  logQuery(query: string): void {
    if (this.recording) this.statements.push(query);
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}

export interface PoolLimits {
  /** How long one statement may take. */
  readonly statementTimeoutMs: number;
  /** How long a transaction may wait for its next statement. */
  readonly idleInTransactionMs: number;
}

/**
 * What work in the background may take; requests that read have less (`readTimeoutMs`). Inventories are written and judged in batches, so no statement of a worker comes near two minutes, and
 * nothing slow happens inside a transaction: one that idles for a minute has lost its process, and holds locks.
 */
export const WORK_LIMITS: PoolLimits = { statementTimeoutMs: 120_000, idleInTransactionMs: 60_000 };

export interface PoolOptions {
  readonly size: number;
  readonly limits?: PoolLimits;
  readonly logger?: Logger;
}

/** One pool for one login. Opens no connection until it is initialized. */
export function openPool(url: string, login: string, { size, limits, logger }: PoolOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: `mothball-${login}`,
    poolSize: size,
    connectTimeoutMS: 10_000,
    installExtensions: false,
    ...(logger ? { logger, logging: true } : { logging: false }),
    extra: {
      keepAlive: true,
      ...(limits && {
        statement_timeout: limits.statementTimeoutMs,
        idle_in_transaction_session_timeout: limits.idleInTransactionMs,
      }),
    },
  });
}
