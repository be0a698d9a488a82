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

/** One pool for one login. Opens no connection until it is initialized. */
export function openPool(url: string, login: string, size: number, logger?: Logger): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: `mothball-${login}`,
    poolSize: size,
    connectTimeoutMS: 10_000,
    installExtensions: false,
    ...(logger ? { logger, logging: true } : { logging: false }),
    extra: { keepAlive: true },
  });
}
