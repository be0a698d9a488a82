import { type DynamicModule, Module } from '@nestjs/common';
import { Config } from '../../config';
import { AuditLog } from '../audit-log.service';
import { CrossTenantDatabase } from '../cross-tenant-database';
import { TenantDatabase } from '../tenant-database';
import { DataKeys } from './data-keys.service';
import { Resealing } from './resealing.service';
import { SecretsStart } from './secrets-start.service';
import { Secrets } from './secrets.service';

/** Secrets and the doors to the database, without anybody who signs in: for commands. */
@Module({})
export class SecretsOnlyModule {
  static with(config: Config): DynamicModule {
    const services = [AuditLog, TenantDatabase, CrossTenantDatabase, DataKeys, Secrets, Resealing, SecretsStart];
    return {
      module: SecretsOnlyModule,
      providers: [{ provide: Config, useValue: config }, ...services],
      exports: services,
    };
  }
}
