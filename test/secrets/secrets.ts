import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExternalIds } from '../../src/accounts/external-ids.service';
import type { ConfigValues } from '../../src/config';
import { newId } from '../../src/ids';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../../src/tenancy/tenant-database';
import { SecretsOnlyModule } from '../../src/tenancy/secrets/secrets-only.module';
import { Pool } from 'pg';
import type { TestDatabase } from '../harness/database';

/** A master key as the environment has it. */
export const masterKey = (id: string, byte: number): string => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;

/** A process of the service, as far as secrets go. */
export async function startSecrets(database: TestDatabase, config: Partial<ConfigValues> = {}) {
  @Module({ imports: [SecretsOnlyModule.with(database.config(config))], providers: [ExternalIds] })
  class Root {}
  const app = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
  const tenants = app.get(TenantDatabase, { strict: false });
  return {
    app,
    tenants,
    externalIds: app.get(ExternalIds),
    get: <T>(type: new (...dependencies: never[]) => T): T => app.get(type, { strict: false }),
    createTenant: async (): Promise<string> => {
      const id = newId();
      await tenants.inTenant(PLATFORM_TENANT_ID, (manager) =>
        manager.query('SELECT create_tenant($1, $2)', [id, `tenant ${id}`]),
      );
      return id;
    },
    stop: () => app.close(),
  };
}

/** A look behind row-level security, for as long as a test file runs. */
export function connectAdmin(database: TestDatabase) {
  const pool = new Pool({ connectionString: database.adminUrl, max: 3, options: '-c search_path=mothball' });
  const rows = async <T extends object>(statement: string, values: unknown[] = []): Promise<T[]> =>
    (await pool.query<T>(statement, values)).rows;
  return {
    rows,
    /** Accounts as an earlier release left them: with a plain external id. Returns their ids. */
    addPlain: async (tenantId: string, count: number): Promise<string[]> => {
      const ids = Array.from({ length: count }, () => newId());
      await rows(
        `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id, status, created_at)
         SELECT $1, id, 'aws', lpad((${PLAIN_BASE} + place)::text, 12, '0'), 'a', 'registered', 'arn', 'plain-' || id, 'pending', now()
         FROM unnest($2::uuid[]) WITH ORDINALITY u (id, place)`,
        [tenantId, ids],
      );
      return ids;
    },
    end: () => pool.end(),
  };
}

const PLAIN_BASE = 100_000_000_000;
