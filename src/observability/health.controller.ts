import { Controller, Get } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  HealthCheckService,
  type HealthCheckResult,
  HealthIndicatorService,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { Config } from '../config';
import { newId } from '../ids';
import { Carrier } from '../tasks/carrier';
import { TenantDatabase } from '../tenancy/tenant-database';

const PATIENCE_MS = 3_000;

/** For orchestrators: `live` says that the process answers, `ready` that it can do its work. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: TenantDatabase,
    private readonly config: Config,
    private readonly modules: ModuleRef,
  ) {}

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 200, or 503 naming what is down. */
  @Get('ready')
  ready(): Promise<HealthCheckResult> {
    const database = () => this.answers('database', () => this.database.ping());
    const queue = () => this.answers('queue', () => this.askQueue());
    return this.health.check(this.config.role === 'api' ? [database] : [database, queue]);
  }

  private async answers(name: string, ask: () => Promise<unknown>): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(name);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
    });
    try {
      await Promise.race([ask(), late]);
      return indicator.up();
    } catch {
      // The reason may name hosts and users: it is in the log, not here.
      return indicator.down();
    } finally {
      clearTimeout(timer);
    }
  }

  private async askQueue(): Promise<void> {
    const carrier = this.modules.get(Carrier, { strict: false });
    await carrier.unknownOf([{ taskId: newId(), tenantId: newId(), admission: 0 }]);
  }
}
