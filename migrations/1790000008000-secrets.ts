import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CURRENT_TENANT } from './rls-v1';

/**
 * Data keys, and sealed columns for external ids and their prefixes. The plain columns stay until the service, which
 * alone has the master key, has sealed what they hold.
 */
export class Secrets1790000008000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- What seals the service's secrets, wrapped by a master key that the database never sees. Of no tenant. Never
      -- deleted: a value that was restored from a backup may need an old one.
      CREATE TABLE data_keys (
        id uuid PRIMARY KEY,
        master_key_id text NOT NULL CHECK (master_key_id <> ''),
        wrapped bytea NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        -- Since then it opens only.
        retired_at timestamptz(3),
        -- When everything that was sealed before it had been sealed anew with it; null: that rotation goes on.
        spread_at timestamptz(3)
      );
      CREATE UNIQUE INDEX data_keys_one_current ON data_keys ((true)) WHERE retired_at IS NULL;
      -- UPDATE is for wrapping anew and for retiring. What a login of the app could break by it, it could read anyway.
      GRANT SELECT, INSERT, UPDATE ON data_keys TO mothball_app;

      -- A sentence that was kept for people said it, too.
      UPDATE accounts SET remedy = replace(remedy, external_id, '(the external id that setup shows)')
        WHERE strpos(remedy, external_id) > 0;
      ALTER TABLE accounts
        ADD COLUMN external_id_sealed bytea,
        ALTER COLUMN external_id DROP NOT NULL,
        ADD CONSTRAINT accounts_one_external_id CHECK ((external_id IS NULL) <> (external_id_sealed IS NULL));
      -- A sealed value is bound to its row's id, which must therefore name one row, in whichever tenant.
      CREATE UNIQUE INDEX accounts_one_id ON accounts (id);
      CREATE INDEX accounts_plain_external_id ON accounts (tenant_id, id) WHERE external_id IS NOT NULL;

      ALTER TABLE organizations
        ADD COLUMN external_id_prefix_sealed bytea,
        ALTER COLUMN external_id_prefix DROP NOT NULL,
        ADD CONSTRAINT organizations_one_prefix CHECK ((external_id_prefix IS NULL) <> (external_id_prefix_sealed IS NULL));

      -- As before, with the external ids sealed by the caller (in base64).
      CREATE OR REPLACE FUNCTION upsert_organization_accounts(organization uuid, seen jsonb, complete boolean) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
      DECLARE
        written integer;
        platform uuid := ${CURRENT_TENANT};
      BEGIN
        PERFORM assert_platform();
        WITH listed AS MATERIALIZED (
          SELECT * FROM jsonb_to_recordset(seen) AS r (id uuid, aws_account_id text, partition text, name text, role_arn text,
            external_id_sealed text, aws_state text, ou_path text)
        ), changed AS (
          UPDATE accounts a
          SET name = l.name, aws_state = l.aws_state, ou_path = l.ou_path, organization_id = organization,
              status = CASE WHEN a.status = 'left' THEN 'owned' ELSE a.status END, left_at = NULL
          FROM listed l
          WHERE a.partition = l.partition AND a.aws_account_id = l.aws_account_id
            AND (a.status = 'owned' OR a.organization_id = organization)
            AND NOT EXISTS (SELECT 1 FROM accounts o WHERE o.partition = l.partition AND o.aws_account_id = l.aws_account_id
                            AND o.status = 'owned' AND o.id <> a.id)
            -- Several tenants may have had it, one after the other: the last of them has it back.
            AND NOT EXISTS (SELECT 1 FROM accounts o WHERE o.partition = l.partition AND o.aws_account_id = l.aws_account_id
                            AND o.organization_id = organization AND o.status = 'left' AND a.status = 'left'
                            AND (o.left_at, o.id) > (a.left_at, a.id))
            AND (a.name, a.aws_state, a.ou_path, a.organization_id, a.status)
              IS DISTINCT FROM (l.name, l.aws_state, l.ou_path, organization, 'owned')
          RETURNING 1
        ), added AS (
          INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, organization_id, role_arn,
                                external_id_sealed, status, aws_state, ou_path, created_at, verified_at)
          SELECT platform, l.id, l.partition, l.aws_account_id, l.name, 'organization', organization, l.role_arn,
                 decode(l.external_id_sealed, 'base64'), 'owned', l.aws_state, l.ou_path, now(), now()
          FROM listed l
          WHERE NOT EXISTS (SELECT 1 FROM accounts a WHERE a.partition = l.partition AND a.aws_account_id = l.aws_account_id
                            AND (a.status = 'owned' OR a.organization_id = organization))
          RETURNING 1
        ), gone AS (
          UPDATE accounts a SET status = 'left', left_at = now()
          WHERE complete AND a.organization_id = organization AND a.status = 'owned' AND a.source = 'organization'
            AND NOT EXISTS (SELECT 1 FROM listed l WHERE l.aws_account_id = a.aws_account_id)
          RETURNING 1
        )
        SELECT (SELECT count(*) FROM changed) + (SELECT count(*) FROM added) + (SELECT count(*) FROM gone) INTO written;
        RETURN written;
      END $$;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
