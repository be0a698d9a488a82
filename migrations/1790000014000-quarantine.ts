import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** Rules and pauses of clean-up; what is in quarantine shows in the inventory and does not change hands. */
export class Quarantine1790000014000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(RULES);
    await queryRunner.query(QUARANTINE);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}

/**
 * Whom a role's trust policy names, sessions of roles by the role: which name a session has is up to whoever assumes it.
 * Of JSON's own text, since an index needs an expression, and quoted parts without a backslash, so that JSON it stays.
 */
const TRUSTED = String.raw`regexp_replace((detail -> 'trustedPrincipals')::text, ':assumed-role/([^/"\\]+)/[^"\\]*"',
      ':assumed-role/\1"', 'g')::jsonb`;

const RULES = `
  -- 'tenant': the tenant's own, stricter ones. 'platform': what the platform lets this tenant have beyond the defaults;
  -- in the platform's own tenant: what it lets and asks of everyone.
  CREATE TABLE cleanup_rules (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    set_by text NOT NULL CHECK (set_by IN ('tenant', 'platform')),
    rules jsonb NOT NULL,
    saved_by text NOT NULL,
    saved_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id, set_by)
  );
  ${tenantTable('cleanup_rules')};

  -- A row while clean-up is paused; the platform tenant's stops everyone's.
  CREATE TABLE cleanup_pauses (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    paused_by text NOT NULL,
    reason text NOT NULL,
    paused_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id)
  );
  ${tenantTable('cleanup_pauses')};

  -- What the platform has said for everyone, for whoever works in one tenant.
  CREATE FUNCTION platform_cleanup_rules() RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = mothball, pg_temp
  AS $$ SELECT rules FROM cleanup_rules WHERE tenant_id = '00000000-0000-7000-8000-000000000000' AND set_by = 'platform' $$;
  REVOKE ALL ON FUNCTION platform_cleanup_rules() FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION platform_cleanup_rules() TO mothball_app, mothball_platform;

  CREATE FUNCTION platform_cleanup_pause() RETURNS TABLE (reason text, paused_at timestamptz(3))
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
  AS $$ SELECT reason, paused_at FROM cleanup_pauses WHERE tenant_id = '00000000-0000-7000-8000-000000000000' $$;
  REVOKE ALL ON FUNCTION platform_cleanup_pause() FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION platform_cleanup_pause() TO mothball_app, mothball_platform;

  -- Whose clean-up is paused, for the workers of all tenants: ids only, and no reasons.
  CREATE FUNCTION paused_tenants() RETURNS TABLE (tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
  AS $$ SELECT tenant_id FROM cleanup_pauses $$;
  REVOKE ALL ON FUNCTION paused_tenants() FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION paused_tenants() TO mothball_app;

  -- Whose items are due, and whose wait for the end of a pause: asked when the platform lets everyone's clean-up go on.
  CREATE FUNCTION tenants_to_clean_up(at timestamptz) RETURNS TABLE (tenant_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    PERFORM assert_platform();
    RETURN QUERY SELECT DISTINCT i.tenant_id FROM plan_items i
      WHERE i.next_at IS NOT NULL AND (i.next_at <= at OR i.code = 'CLEANUP_PAUSED') ORDER BY i.tenant_id;
  END $$;
  REVOKE ALL ON FUNCTION tenants_to_clean_up(timestamptz) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION tenants_to_clean_up(timestamptz) TO mothball_app;

  -- Whether another tenant's inventory names one of these roles or users (their ARNs) as somebody it trusts, a role also by
  -- one of its sessions: yes or no, and no word of whose it is. Each ARN is looked up by the index, which is why it is not a
  -- partial one and what else is asked for can be answered by no index: a planner without statistics would read everybody's
  -- roles again for each.
  CREATE FUNCTION trusted_in_other_tenants(arns text[]) RETURNS TABLE (arn text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp SET enable_seqscan = off
  AS $$
    SELECT DISTINCT named.arn FROM unnest(arns) AS named (arn)
    CROSS JOIN LATERAL (
      SELECT named.arn AS form
      UNION SELECT regexp_replace(named.arn, '^(arn:[^:]+):iam::([0-9]+):role/(.*/)?([^/]+)$', '\\1:sts::\\2:assumed-role/\\4')
    ) AS forms
    JOIN identities i ON (${TRUSTED}) ? forms.form
    WHERE coalesce(i.gone_at, '-infinity') = '-infinity'
      AND i.tenant_id <> (SELECT current_setting('mothball.tenant_id')::uuid)
  $$;
  REVOKE ALL ON FUNCTION trusted_in_other_tenants(text[]) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION trusted_in_other_tenants(text[]) TO mothball_app;
  -- No list of pending entries: each look-up would read through all of it.
  CREATE INDEX identities_by_trusted_principal ON identities USING gin ((${TRUSTED}))
    WITH (fastupdate = off);
`;

const QUARANTINE = `
  -- Policies by account tags cannot be trusted to have placed an account whose tags nobody has read yet.
  ALTER TABLE accounts ADD COLUMN tags_read_at timestamptz(3);
  CREATE OR REPLACE FUNCTION update_account_tags(organization uuid, seen jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    PERFORM assert_platform();
    UPDATE accounts a SET tags = l.tags, tags_read_at = now()
    FROM jsonb_to_recordset(seen) AS l (aws_account_id text, tags jsonb)
    WHERE a.organization_id = organization AND a.aws_account_id = l.aws_account_id
      AND (a.tags <> l.tags OR a.tags_read_at IS NULL);
  END $$;

  -- Since when clean-up holds it: its findings stay open until it is deleted or given back.
  ALTER TABLE identities ADD COLUMN quarantined_at timestamptz(3);
  CREATE INDEX identities_in_quarantine ON identities (tenant_id, account_id) WHERE quarantined_at IS NOT NULL;

  -- An account does not change hands while its tenant holds something of it in quarantine: nobody would listen, and nobody
  -- could give it back.
  CREATE FUNCTION assert_nothing_at_work(tenant uuid, account uuid, aws_account text) RETURNS void LANGUAGE plpgsql STABLE
    SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    IF EXISTS (
      SELECT 1 FROM plan_items WHERE tenant_id = tenant AND account_id = account
        AND stage IN ('quarantining', 'announced', 'quarantined', 'silenced', 'deleting', 'returning', 'recreating', 'halted')
    ) THEN
      RAISE EXCEPTION 'account % has identities in quarantine', aws_account USING ERRCODE = 'object_in_use';
    END IF;
  END $$;
  REVOKE ALL ON FUNCTION assert_nothing_at_work(uuid, uuid, text) FROM PUBLIC;
  CREATE FUNCTION hold_account_at_work() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    IF NEW.tenant_id <> OLD.tenant_id THEN
      PERFORM assert_nothing_at_work(OLD.tenant_id, OLD.id, OLD.aws_account_id);
    END IF;
    RETURN NEW;
  END $$;
  REVOKE ALL ON FUNCTION hold_account_at_work() FROM PUBLIC;
  CREATE TRIGGER accounts_hold_at_work BEFORE UPDATE OF tenant_id ON accounts
    FOR EACH ROW EXECUTE FUNCTION hold_account_at_work();

  -- As before, and asks the same: here the former owner's row stays its own and is marked as left.
  CREATE OR REPLACE FUNCTION accept_transfer(request uuid)
    RETURNS TABLE (from_tenant_id uuid, from_account_id uuid, to_tenant_id uuid, to_account_id uuid, partition text,
      aws_account_id text, name text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
  AS $$
  #variable_conflict use_column
  DECLARE
    asked transfer_requests%ROWTYPE;
    former accounts%ROWTYPE;
  BEGIN
    PERFORM assert_platform();
    SELECT * INTO asked FROM transfer_requests WHERE id = request AND state = 'open' FOR UPDATE;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such open request' USING ERRCODE = 'no_data_found'; END IF;
    -- From whoever holds it by now: it may have moved since it was asked for.
    UPDATE accounts SET status = 'left', left_at = now()
      WHERE partition = asked.partition AND aws_account_id = asked.aws_account_id AND status = 'owned'
        AND tenant_id <> asked.to_tenant_id
      RETURNING * INTO former;
    IF FOUND THEN PERFORM assert_nothing_at_work(former.tenant_id, former.id, former.aws_account_id); END IF;
    UPDATE accounts SET status = 'owned', verified_at = now(), problem = NULL, remedy = NULL, transfer_requested_at = NULL
      WHERE tenant_id = asked.to_tenant_id AND id = asked.to_account_id;
    IF NOT FOUND THEN RAISE EXCEPTION 'the asking account is gone' USING ERRCODE = 'no_data_found'; END IF;
    UPDATE transfer_requests SET state = 'accepted', decided_at = now() WHERE id = request;
    RETURN QUERY SELECT former.tenant_id, former.id, a.tenant_id, a.id, a.partition, a.aws_account_id, a.name
      FROM accounts a WHERE a.tenant_id = asked.to_tenant_id AND a.id = asked.to_account_id;
  END $$;
`;
