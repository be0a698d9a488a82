import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CURRENT_TENANT, tenantTable } from './rls-v1';

/** Tenants, API tokens, idempotency keys; the platform's own tenant. */
export class Tenants1790000001000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE tenants (
        id uuid PRIMARY KEY,
        name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
        kind text NOT NULL DEFAULT 'customer' CHECK (kind IN ('platform', 'customer')),
        created_at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX tenants_name ON tenants (lower(name));
      CREATE UNIQUE INDEX tenants_one_platform ON tenants (kind) WHERE kind = 'platform';
      ${tenantTable('tenants', { column: 'id', appVerbs: ['SELECT'] })};

      CREATE TABLE api_tokens (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
        prefix text NOT NULL,
        hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
        role text NOT NULL CHECK (role IN ('admin', 'approver', 'viewer', 'auditor')),
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3),
        revoked_at timestamptz(3),
        PRIMARY KEY (tenant_id, id)
      );
      ${tenantTable('api_tokens')};

      CREATE TABLE idempotency_keys (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
        operation text NOT NULL,
        request_hash bytea NOT NULL,
        result jsonb,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, key)
      );
      ${tenantTable('idempotency_keys', { platform: false })};

      INSERT INTO tenants (id, name, kind) VALUES ('00000000-0000-7000-8000-000000000000', 'platform', 'platform');

      -- Who a token is: the one question that is asked before a tenant is known.
      CREATE FUNCTION principal_of_token(token_hash bytea)
        RETURNS TABLE (token_id uuid, token_name text, tenant_id uuid, tenant_name text, tenant_kind text, role text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
        SELECT t.id, t.name, t.tenant_id, o.name, o.kind, t.role
        FROM api_tokens t JOIN tenants o ON o.id = t.tenant_id
        WHERE t.hash = token_hash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
      $$;

      -- Raises unless the caller acts in the platform's tenant.
      CREATE FUNCTION assert_platform() RETURNS void
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
      BEGIN
        IF NOT EXISTS (SELECT 1 FROM tenants WHERE id = ${CURRENT_TENANT} AND kind = 'platform') THEN
          RAISE EXCEPTION 'only the platform may do this' USING ERRCODE = 'insufficient_privilege';
        END IF;
      END $$;

      CREATE FUNCTION create_tenant(tenant uuid, tenant_name text) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
      BEGIN
        PERFORM assert_platform();
        INSERT INTO tenants (id, name) VALUES (tenant, tenant_name);
      END $$;

      -- Whether nobody has ever been able to sign in: then a start prints the first platform token.
      CREATE FUNCTION no_token_yet() RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$ SELECT NOT EXISTS (SELECT 1 FROM api_tokens) $$;

      REVOKE ALL ON FUNCTION principal_of_token(bytea), assert_platform(), create_tenant(uuid, text), no_token_yet() FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION principal_of_token(bytea), assert_platform(), create_tenant(uuid, text), no_token_yet() TO mothball_app;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
