import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** A tenant's policy, findings, and the verdicts that could not be given. */
export class Findings1790000005000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE policies (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        name text NOT NULL,
        version integer NOT NULL,
        settings jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant_id, id)
      );
      CREATE UNIQUE INDEX policies_versions ON policies (tenant_id, name, version);
      ${tenantTable('policies', { appVerbs: ['SELECT', 'INSERT'] })};

      CREATE TABLE findings (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        account_id uuid NOT NULL,
        identity_id uuid NOT NULL,
        check_id text NOT NULL,
        status text NOT NULL CHECK (status IN ('open', 'exempt', 'resolved')),
        severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
        why text NOT NULL,
        exempt_reason text,
        resolution text,
        idle_since timestamptz(3),
        idle_at_least boolean NOT NULL DEFAULT false,
        policy_name text NOT NULL,
        policy_version integer NOT NULL,
        first_seen_at timestamptz(3) NOT NULL,
        changed_at timestamptz(3) NOT NULL,
        resolved_at timestamptz(3),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON UPDATE CASCADE ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, identity_id) REFERENCES identities (tenant_id, id) ON UPDATE CASCADE ON DELETE CASCADE
      );
      CREATE UNIQUE INDEX findings_once ON findings (tenant_id, account_id, identity_id, check_id);
      CREATE INDEX findings_by_identity ON findings (tenant_id, identity_id);
      CREATE INDEX findings_by_status ON findings (tenant_id, status, check_id);
      -- The order "idle for longest": longer than AWS's records reach comes first, unknown last.
      CREATE INDEX findings_by_idleness ON findings
        (tenant_id, coalesce(idle_since, CASE WHEN idle_at_least THEN '-infinity'::timestamptz ELSE 'infinity' END), id);
      ${tenantTable('findings')};

      CREATE TABLE unknown_verdicts (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        account_id uuid NOT NULL,
        identity_id uuid NOT NULL,
        check_id text NOT NULL,
        reason text NOT NULL,
        since timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant_id, account_id, identity_id, check_id),
        FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON UPDATE CASCADE ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, identity_id) REFERENCES identities (tenant_id, id) ON UPDATE CASCADE ON DELETE CASCADE
      );
      ${tenantTable('unknown_verdicts')};
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
