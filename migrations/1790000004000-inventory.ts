import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** Sweeps, scans and the inventory that scans write. */
export class Inventory1790000004000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE sweeps (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        requested_by text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant_id, id)
      );
      ${tenantTable('sweeps')};

      CREATE TABLE scans (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        account_id uuid NOT NULL,
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'finished')),
        outcome text CHECK (outcome IN ('complete', 'partial', 'failed')),
        reason text,
        remedy text,
        not_read jsonb NOT NULL DEFAULT '[]',
        aws_calls jsonb NOT NULL DEFAULT '{}',
        aws_call_count integer NOT NULL DEFAULT 0,
        throttled_count integer NOT NULL DEFAULT 0,
        identities integer,
        rows_written integer NOT NULL DEFAULT 0,
        created_at timestamptz(3) NOT NULL,
        started_at timestamptz(3),
        finished_at timestamptz(3),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON UPDATE CASCADE ON DELETE CASCADE,
        CHECK ((state = 'finished') = (outcome IS NOT NULL))
      );
      -- A second request for an account that is being scanned joins the scan under way.
      CREATE UNIQUE INDEX scans_one_open ON scans (tenant_id, account_id) WHERE state <> 'finished';
      CREATE INDEX scans_by_account ON scans (tenant_id, account_id, created_at DESC, id DESC);
      CREATE INDEX scans_by_time ON scans (tenant_id, created_at DESC, id DESC);
      ${tenantTable('scans')};

      -- No foreign key to scans: an account that is assigned to another tenant takes its scans along, the sweep stays.
      CREATE TABLE sweep_scans (
        tenant_id uuid NOT NULL,
        sweep_id uuid NOT NULL,
        scan_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, sweep_id, scan_id),
        FOREIGN KEY (tenant_id, sweep_id) REFERENCES sweeps (tenant_id, id) ON DELETE CASCADE
      );
      CREATE INDEX sweep_scans_by_scan ON sweep_scans (tenant_id, scan_id);
      ${tenantTable('sweep_scans')};

      CREATE TABLE identities (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        account_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('user', 'role', 'password', 'access-key')),
        -- What makes it the same thing in the next scan: a unique id, for a password and a key with what tells it apart.
        natural_key text NOT NULL,
        owner_id uuid,
        unique_id text NOT NULL,
        arn text NOT NULL,
        name text NOT NULL,
        path text NOT NULL,
        user_name text,
        is_root boolean NOT NULL DEFAULT false,
        active boolean NOT NULL,
        born_at timestamptz(3),
        last_used_state text CHECK (last_used_state IN ('at', 'never', 'before-tracking', 'unknown')),
        last_used_at timestamptz(3),
        last_used_region text,
        last_used_service text,
        idle_since timestamptz(3),
        access_key_id text,
        -- When its id was last asked for, and why that gave none; forgotten when the key changes.
        key_id_asked_at timestamptz(3),
        key_id_problem text,
        inactive_since timestamptz(3),
        -- Of a user or role: when IAM itself was last asked about it. A credential report made before that says less.
        looked_at timestamptz(3),
        credentials_unknown text,
        other_credentials jsonb,
        other_credentials_at timestamptz(3),
        other_credentials_problem text,
        detail jsonb NOT NULL,
        content_hash text NOT NULL,
        first_seen_at timestamptz(3) NOT NULL,
        changed_at timestamptz(3) NOT NULL,
        gone_at timestamptz(3),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON UPDATE CASCADE ON DELETE CASCADE
      );
      CREATE UNIQUE INDEX identities_natural ON identities (tenant_id, account_id, natural_key);
      CREATE INDEX identities_by_owner ON identities (tenant_id, owner_id) WHERE owner_id IS NOT NULL;
      CREATE INDEX identities_by_idleness ON identities (tenant_id, kind, idle_since) WHERE gone_at IS NULL;
      CREATE INDEX identities_by_name ON identities (tenant_id, name, id);
      CREATE INDEX identities_by_arn ON identities (tenant_id, arn);
      CREATE INDEX identities_by_unique_id ON identities (tenant_id, unique_id);
      CREATE INDEX identities_by_key_id ON identities (tenant_id, access_key_id) WHERE access_key_id IS NOT NULL;
      ${tenantTable('identities')};

      CREATE TABLE identity_tags (
        tenant_id uuid NOT NULL,
        identity_id uuid NOT NULL,
        key text NOT NULL,
        value text NOT NULL,
        PRIMARY KEY (tenant_id, identity_id, key),
        FOREIGN KEY (tenant_id, identity_id) REFERENCES identities (tenant_id, id) ON UPDATE CASCADE ON DELETE CASCADE
      );
      CREATE INDEX identity_tags_by_key ON identity_tags (tenant_id, key, value);
      ${tenantTable('identity_tags')};
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
