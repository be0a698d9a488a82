import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** Several policies for each tenant, in an order; who agreed to them; the platform's baseline; previews; tenants' settings. */
export class Policies1790000009000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- What was the policy's table always held its versions. They are never changed: the app may only add to them.
      ALTER TABLE policies RENAME TO policy_versions;
      ALTER TABLE policy_versions RENAME CONSTRAINT policies_pkey TO policy_versions_pkey;
      ALTER TABLE policy_versions RENAME CONSTRAINT policies_tenant_id_fkey TO policy_versions_tenant_id_fkey;
      ALTER INDEX policies_versions RENAME TO policy_versions_once;
      ALTER TABLE policy_versions
        -- As people wrote it; settings, scope, action and schedule are what that means, with everything filled in.
        ADD COLUMN source jsonb,
        ADD COLUMN scope jsonb,
        ADD COLUMN action jsonb,
        ADD COLUMN schedule jsonb,
        ADD COLUMN hash text,
        ADD COLUMN saved_by text,
        ADD COLUMN saved_by_stands_for text,
        ADD COLUMN note text;
      -- The one policy of before has everything in scope, and does nothing but report.
      UPDATE policy_versions SET
        source = jsonb_build_object('apiVersion', 'mothball/v1', 'kind', 'Policy', 'name', name) || settings,
        scope = '{"accounts": [], "organizationalUnits": [], "accountTags": {}, "identityTags": {}, "paths": [], "names": []}',
        action = '{"mode": "report", "observableQuarantine": false, "perCheck": {}}',
        hash = encode(sha256(convert_to(settings::text, 'UTF8')), 'hex'),
        saved_by = 'unknown: saved before this was kept',
        saved_by_stands_for = '';
      ALTER TABLE policy_versions
        ALTER COLUMN source SET NOT NULL, ALTER COLUMN scope SET NOT NULL, ALTER COLUMN action SET NOT NULL,
        ALTER COLUMN hash SET NOT NULL, ALTER COLUMN saved_by SET NOT NULL, ALTER COLUMN saved_by_stands_for SET NOT NULL;

      CREATE TABLE policies (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        name text NOT NULL,
        -- The first policy whose scope takes an identity in decides about it.
        position integer NOT NULL,
        -- The version in force; null: nobody has agreed to one yet.
        version integer,
        -- What waits for a second person: a newer version, or the one in force where it reaches farther than agreed.
        proposed_version integer,
        proposed_by text,
        proposed_by_stands_for text,
        proposed_at timestamptz(3),
        -- Who has changed what it reaches since the last agreement, by the order or by other policies: none of them can
        -- be the second person, whoever proposed it.
        widened_by text[] NOT NULL DEFAULT '{}',
        created_at timestamptz(3) NOT NULL,
        retired_at timestamptz(3),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, name, version) REFERENCES policy_versions (tenant_id, name, version),
        FOREIGN KEY (tenant_id, name, proposed_version) REFERENCES policy_versions (tenant_id, name, version)
      );
      CREATE UNIQUE INDEX policies_once ON policies (tenant_id, name);
      ${tenantTable('policies', { appVerbs: ['SELECT', 'INSERT', 'UPDATE'] })};
      INSERT INTO policies (tenant_id, id, name, position, version, created_at)
      SELECT DISTINCT ON (tenant_id, name) tenant_id, id, name, 1, version, created_at
      FROM policy_versions ORDER BY tenant_id, name, version DESC;

      CREATE TABLE policy_decisions (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        name text NOT NULL,
        version integer NOT NULL,
        hash text NOT NULL,
        -- What else decided about whom it reaches: the baseline, and the policies before it.
        reach text NOT NULL,
        decision text NOT NULL CHECK (decision IN ('agreed', 'refused')),
        decided_by text NOT NULL,
        decided_by_stands_for text NOT NULL,
        note text,
        decided_at timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, name, version) REFERENCES policy_versions (tenant_id, name, version)
      );
      CREATE INDEX policy_decisions_of ON policy_decisions (tenant_id, name, version, id);
      ${tenantTable('policy_decisions', { appVerbs: ['SELECT', 'INSERT'] })};

      -- The platform's own; every tenant is bound by the newest.
      CREATE TABLE baselines (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        version integer NOT NULL,
        source jsonb NOT NULL,
        hash text NOT NULL,
        saved_by text NOT NULL,
        saved_by_stands_for text NOT NULL,
        note text,
        created_at timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant_id, id)
      );
      CREATE UNIQUE INDEX baselines_versions ON baselines (tenant_id, version);
      ${tenantTable('baselines', { appVerbs: ['SELECT', 'INSERT'] })};

      -- What binds the caller's tenant, too, and is no secret of the platform's.
      CREATE FUNCTION current_baseline() RETURNS TABLE (version integer, source jsonb, saved_by_stands_for text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
        SELECT b.version, b.source, b.saved_by_stands_for FROM baselines b JOIN tenants t ON t.id = b.tenant_id AND t.kind = 'platform'
        ORDER BY b.version DESC LIMIT 1
      $$;

      -- Has every tenant apply the newest baseline: one task each. For the platform only.
      CREATE FUNCTION apply_baseline_everywhere() RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
      DECLARE
        told integer;
      BEGIN
        PERFORM assert_platform();
        INSERT INTO tasks (tenant_id, id, kind, payload, dedupe_key)
          SELECT id, gen_random_uuid(), 'apply-baseline', '{}', 'baseline' FROM tenants ORDER BY id
          ON CONFLICT (tenant_id, kind, dedupe_key)
            WHERE dedupe_key IS NOT NULL AND state IN ('waiting', 'admitted', 'running')
          DO UPDATE SET again = true;
        GET DIAGNOSTICS told = ROW_COUNT;
        RETURN told;
      END $$;
      REVOKE ALL ON FUNCTION current_baseline(), apply_baseline_everywhere() FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION current_baseline(), apply_baseline_everywhere() TO mothball_app;
      GRANT EXECUTE ON FUNCTION current_baseline() TO mothball_platform;

      CREATE TABLE policy_previews (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        request jsonb NOT NULL,
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'finished')),
        accounts integer NOT NULL DEFAULT 0,
        accounts_done integer NOT NULL DEFAULT 0,
        opened integer NOT NULL DEFAULT 0,
        resolved integer NOT NULL DEFAULT 0,
        reopened integer NOT NULL DEFAULT 0,
        exempted integer NOT NULL DEFAULT 0,
        unchanged integer NOT NULL DEFAULT 0,
        -- Users of whom AWS must be asked first.
        to_ask integer NOT NULL DEFAULT 0,
        requested_by text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        finished_at timestamptz(3),
        PRIMARY KEY (tenant_id, id)
      );
      CREATE INDEX policy_previews_by_time ON policy_previews (tenant_id, created_at);
      ${tenantTable('policy_previews')};

      -- An account that moves to another tenant leaves nothing of its previews behind.
      CREATE TABLE policy_preview_changes (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        preview_id uuid NOT NULL,
        account_id uuid NOT NULL,
        identity_id uuid NOT NULL,
        check_id text NOT NULL,
        change text NOT NULL CHECK (change IN ('opened', 'resolved', 'reopened', 'exempted')),
        before text,
        -- Of what is resolved: null, and why that is.
        policy_name text,
        why text NOT NULL,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, preview_id) REFERENCES policy_previews (tenant_id, id) ON DELETE CASCADE
      );
      CREATE INDEX policy_preview_changes_of ON policy_preview_changes (tenant_id, preview_id, change, id);
      ${tenantTable('policy_preview_changes')};

      CREATE TABLE tenant_settings (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        cleanup_enabled boolean NOT NULL DEFAULT false,
        cleanup_dry_run boolean NOT NULL DEFAULT true,
        cleanup_concurrency integer NOT NULL DEFAULT 16 CHECK (cleanup_concurrency BETWEEN 1 AND 256),
        -- The platform's to give: without it no policy deletes anything by itself.
        automatic_deletion_leave boolean NOT NULL DEFAULT false,
        leave_decided_by text,
        leave_decided_at timestamptz(3),
        PRIMARY KEY (tenant_id)
      );
      ${tenantTable('tenant_settings', { appVerbs: ['SELECT', 'INSERT', 'UPDATE'] })};
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
