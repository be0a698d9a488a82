import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** Roles for clean-up and restoring, what verification found of each role, and accounts that lost access. */
export class Verification1790000011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts
        ADD COLUMN cleanup_role_arn text,
        ADD COLUMN restore_role_arn text,
        -- Since when its scan role, by which it is read, cannot be assumed.
        ADD COLUMN access_lost_at timestamptz(3);

      -- What the last verification of each of an account's roles has found.
      CREATE TABLE role_checks (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        account_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('scan', 'cleanup', 'restore')),
        role_arn text NOT NULL,
        checked_at timestamptz(3) NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('ok', 'not-assumable', 'assumable-without-external-id',
          'assumable-with-wrong-external-id', 'source-identity-refused')),
        problem text,
        remedy text,
        -- [{ action, state, why, remedy }], one for each that the role needs; empty where it was not proven.
        permissions jsonb NOT NULL DEFAULT '[]',
        -- [{ action, resource, why, remedy }]: what it may do and must not.
        too_wide jsonb NOT NULL DEFAULT '[]',
        PRIMARY KEY (tenant_id, account_id, kind),
        FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON UPDATE CASCADE ON DELETE CASCADE
      );
      ${tenantTable('role_checks')};

      -- Tenants of an earlier release: each at a time of its own. New ones get theirs with their first account.
      INSERT INTO schedules (tenant_id, id, kind, cron, payload, next_due_at)
      SELECT s.tenant_id, gen_random_uuid(), 'reverify-accounts', 'H H * * *', '{}', now() + random() * interval '1 day'
      FROM schedules s JOIN tenants t ON t.id = s.tenant_id AND t.kind = 'customer' WHERE s.kind = 'start-sweep'
      ON CONFLICT DO NOTHING;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
