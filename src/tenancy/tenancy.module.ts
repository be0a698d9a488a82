import { type DynamicModule, Module } from '@nestjs/common';
import { Clock, SystemClock } from '../clock';
import { Config } from '../config';
import { CrossTenantDatabase } from './cross-tenant-database';
import { Listener } from './listener';
import { TenantDatabase } from './tenant-database';
import { TenantsService } from './tenants.service';
import { TokensService } from './tokens.service';

const services = [TenantDatabase, CrossTenantDatabase, Listener, TenantsService, TokensService];

/** The leaf that every stage stands on: who is asking, and the only doors to the database. */
@Module({})
export class TenancyModule {
  static with(config: Config, clock: Clock = new SystemClock()): DynamicModule {
    return {
      module: TenancyModule,
      global: true,
      providers: [{ provide: Config, useValue: config }, { provide: Clock, useValue: clock }, ...services],
      exports: [Config, Clock, ...services],
    };
  }
}
