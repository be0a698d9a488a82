import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** People, invitations, browser sessions; who made a token and when it was last used. */
export class People1790000006000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE people (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        issuer text NOT NULL CHECK (length(issuer) <= 500),
        subject text NOT NULL CHECK (length(subject) <= 500),
        name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
        email text CHECK (length(email) <= 320),
        -- Given in this tenant, by an invitation or an administrator; null: only what the person's groups say.
        role text CHECK (role IN ('admin', 'approver', 'viewer', 'auditor')),
        role_expires_at timestamptz(3),
        -- What the person's groups said when they were last here.
        mapped_role text CHECK (mapped_role IN ('admin', 'approver', 'viewer', 'auditor')),
        first_seen_at timestamptz(3) NOT NULL,
        last_seen_at timestamptz(3) NOT NULL,
        -- Counts for more than any group.
        ended_at timestamptz(3),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, issuer, subject),
        CHECK (role <> 'auditor' OR role_expires_at IS NOT NULL)
      );
      CREATE INDEX people_by_subject ON people (issuer, subject);
      CREATE INDEX people_by_name ON people (tenant_id, lower(name), id);
      ${tenantTable('people')};

      CREATE TABLE invitations (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
        role text NOT NULL CHECK (role IN ('admin', 'approver', 'viewer', 'auditor')),
        -- How long the role lasts once it is accepted; null: until somebody ends it.
        role_days integer CHECK (role_days BETWEEN 1 AND 3650),
        email text CHECK (length(email) <= 320),
        created_by text NOT NULL,
        created_by_name text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        revoked_at timestamptz(3),
        accepted_at timestamptz(3),
        accepted_by uuid,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, accepted_by) REFERENCES people (tenant_id, id)
      );
      CREATE INDEX invitations_by_age ON invitations (tenant_id, created_at, id);
      ${tenantTable('invitations')};

      -- Browsers that are signed in. A person may belong to several tenants, so these are the platform's.
      CREATE TABLE sessions (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
        issuer text NOT NULL,
        subject text NOT NULL,
        name text NOT NULL,
        email text,
        email_verified boolean NOT NULL,
        claims jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL,
        last_seen_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        ended_at timestamptz(3),
        PRIMARY KEY (tenant_id, id)
      );
      CREATE INDEX sessions_by_subject ON sessions (tenant_id, issuer, subject);
      CREATE INDEX sessions_by_end ON sessions (tenant_id, expires_at);
      ${tenantTable('sessions', { platform: false })};

      ALTER TABLE api_tokens
        -- Who is behind it, as "issuer subject"; null: made at the first start, or before this was kept.
        ADD COLUMN created_by text,
        ADD COLUMN created_by_name text,
        ADD COLUMN last_used_at timestamptz(3);
      CREATE INDEX api_tokens_by_maker ON api_tokens (tenant_id, created_by);
      UPDATE api_tokens SET expires_at = now() + interval '90 days'
      WHERE role = 'auditor' AND (expires_at IS NULL OR expires_at > now() + interval '90 days');
      ALTER TABLE api_tokens ADD CHECK (role <> 'auditor' OR expires_at IS NOT NULL);

      DROP FUNCTION principal_of_token(bytea);
      -- Who a token is: asked before a tenant is known.
      CREATE FUNCTION principal_of_token(token_hash bytea)
        RETURNS TABLE (token_id uuid, token_name text, tenant_id uuid, tenant_name text, tenant_kind text, role text,
          expires_at timestamptz, stands_for text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
        SELECT t.id, t.name, t.tenant_id, o.name, o.kind, t.role, t.expires_at, t.created_by
        FROM api_tokens t JOIN tenants o ON o.id = t.tenant_id
        WHERE t.hash = token_hash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
      $$;

      -- Where a person who has signed in is known, and the tenants that their groups lead to: before one is chosen.
      CREATE FUNCTION memberships_of(person_issuer text, person_subject text, tenant_names text[], platform boolean)
        RETURNS TABLE (tenant_id uuid, tenant_name text, tenant_kind text, person_id uuid, name text, email text,
          role text, role_expires_at timestamptz, mapped_role text, ended_at timestamptz)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
        WITH known AS (SELECT * FROM people p WHERE p.issuer = person_issuer AND p.subject = person_subject)
        SELECT t.id, t.name, t.kind, k.id, k.name, k.email, k.role, k.role_expires_at, k.mapped_role, k.ended_at
        FROM tenants t LEFT JOIN known k ON k.tenant_id = t.id
        WHERE t.id IN (
          SELECT known.tenant_id FROM known
          UNION SELECT n.id FROM tenants n WHERE n.kind = 'customer' AND lower(n.name) = ANY (tenant_names)
          UNION SELECT n.id FROM tenants n WHERE n.kind = 'platform' AND platform
        )
        ORDER BY t.kind DESC, lower(t.name)
      $$;

      -- Whose invitation this is; whether it is still good is looked at in that tenant.
      CREATE FUNCTION tenant_of_invitation(invitation_hash bytea) RETURNS uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$ SELECT i.tenant_id FROM invitations i WHERE i.hash = invitation_hash $$;

      -- Remembers that tokens and people were here, of many tenants at once. Nothing else of them changes.
      CREATE FUNCTION note_use(tenant_ids uuid[], ids uuid[]) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
        UPDATE api_tokens t SET last_used_at = now() FROM unnest(tenant_ids, ids) AS used (tenant_id, id)
        WHERE t.tenant_id = used.tenant_id AND t.id = used.id;
        UPDATE people p SET last_seen_at = now() FROM unnest(tenant_ids, ids) AS used (tenant_id, id)
        WHERE p.tenant_id = used.tenant_id AND p.id = used.id;
        UPDATE sessions s SET last_seen_at = now() FROM unnest(tenant_ids, ids) AS used (tenant_id, id)
        WHERE s.tenant_id = used.tenant_id AND s.id = used.id;
      $$;

      REVOKE ALL ON FUNCTION principal_of_token(bytea), memberships_of(text, text, text[], boolean),
        tenant_of_invitation(bytea), note_use(uuid[], uuid[]) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION principal_of_token(bytea), memberships_of(text, text, text[], boolean),
        tenant_of_invitation(bytea), note_use(uuid[], uuid[]) TO mothball_app;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
