import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CURRENT_TENANT, tenantTable } from './rls-v1';

/** Organizations, the rules that assign their accounts, accounts with one owner each, requests to transfer one. */
export class Accounts1790000003000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE organizations (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        name text NOT NULL,
        partition text NOT NULL,
        management_account_id text NOT NULL CHECK (management_account_id ~ '^[0-9]{12}$'),
        aws_organization_id text,
        listing_role_arn text NOT NULL,
        management_scan_role_arn text,
        scan_role_name text NOT NULL,
        external_id_prefix text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        synced_at timestamptz(3),
        sync_problem text,
        sync_remedy text,
        PRIMARY KEY (tenant_id, id)
      );
      -- Organizations belong to the platform's tenant, so this says "once in the whole service".
      CREATE UNIQUE INDEX organizations_once ON organizations (tenant_id, partition, management_account_id);
      ${tenantTable('organizations')};

      CREATE TABLE assignment_rules (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        target_tenant_id uuid NOT NULL REFERENCES tenants (id),
        ou_path text,
        tag_key text,
        tag_value text,
        created_at timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
        CHECK ((ou_path IS NULL) <> (tag_key IS NULL)),
        CHECK ((tag_key IS NULL) = (tag_value IS NULL))
      );
      ${tenantTable('assignment_rules')};

      CREATE TABLE accounts (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        partition text NOT NULL,
        aws_account_id text NOT NULL CHECK (aws_account_id ~ '^[0-9]{12}$'),
        name text NOT NULL,
        source text NOT NULL CHECK (source IN ('organization', 'registered')),
        -- The organization's row is the platform's, so its id alone is kept here.
        organization_id uuid,
        role_arn text NOT NULL,
        external_id text NOT NULL,
        -- pending: control is not proven yet; owned: this tenant's alone in the whole service; left: no longer in its organization.
        status text NOT NULL CHECK (status IN ('pending', 'owned', 'left')),
        -- As Organizations says; null for an account that was registered by itself.
        aws_state text,
        ou_path text,
        tags jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz(3) NOT NULL,
        verified_at timestamptz(3),
        left_at timestamptz(3),
        problem text,
        remedy text,
        transfer_requested_at timestamptz(3),
        last_scan_id uuid,
        last_scan_outcome text,
        last_scan_at timestamptz(3),
        inventory_at timestamptz(3),
        users_read_at timestamptz(3),
        roles_read_at timestamptz(3),
        PRIMARY KEY (tenant_id, id)
      );
      CREATE UNIQUE INDEX accounts_one_owner ON accounts (partition, aws_account_id) WHERE status = 'owned';
      CREATE UNIQUE INDEX accounts_once_a_tenant ON accounts (tenant_id, partition, aws_account_id);
      CREATE INDEX accounts_by_number ON accounts (tenant_id, aws_account_id);
      CREATE INDEX accounts_by_organization ON accounts (organization_id);
      ${tenantTable('accounts')};

      CREATE TABLE transfer_requests (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        partition text NOT NULL,
        aws_account_id text NOT NULL,
        from_tenant_id uuid NOT NULL REFERENCES tenants (id),
        to_tenant_id uuid NOT NULL REFERENCES tenants (id),
        to_account_id uuid NOT NULL,
        state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'refused')),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        decided_at timestamptz(3),
        PRIMARY KEY (tenant_id, id)
      );
      CREATE UNIQUE INDEX transfer_requests_once ON transfer_requests (tenant_id, to_account_id) WHERE state = 'open';
      ${tenantTable('transfer_requests')};

      -- Takes an account whose control the caller has just proven. 'owned', or 'transfer-requested' where another tenant
      -- holds it: then the platform decides, and the caller learns nothing else.
      CREATE FUNCTION claim_account(claimed uuid, request_id uuid) RETURNS text
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
      DECLARE
        mine accounts%ROWTYPE;
        holder accounts%ROWTYPE;
      BEGIN
        SELECT * INTO mine FROM accounts WHERE tenant_id = ${CURRENT_TENANT} AND id = claimed FOR UPDATE;
        IF NOT FOUND THEN RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found'; END IF;
        -- Two tenants that prove control at the same moment are told apart here.
        PERFORM pg_advisory_xact_lock(hashtextextended(mine.partition || ':' || mine.aws_account_id, 0));
        SELECT * INTO holder FROM accounts
          WHERE partition = mine.partition AND aws_account_id = mine.aws_account_id AND status = 'owned' FOR UPDATE;
        IF FOUND AND holder.tenant_id <> mine.tenant_id THEN
          -- An account that its organization listed but nobody was assigned is the platform's to hand on, too.
          INSERT INTO transfer_requests (tenant_id, id, partition, aws_account_id, from_tenant_id, to_tenant_id, to_account_id)
          VALUES ((SELECT id FROM tenants WHERE kind = 'platform'), request_id, mine.partition, mine.aws_account_id,
                  holder.tenant_id, mine.tenant_id, mine.id)
          ON CONFLICT DO NOTHING;
          UPDATE accounts SET transfer_requested_at = coalesce(transfer_requested_at, now())
            WHERE tenant_id = mine.tenant_id AND id = mine.id;
          RETURN 'transfer-requested';
        END IF;
        UPDATE accounts SET status = 'owned', verified_at = now(), problem = NULL, remedy = NULL, transfer_requested_at = NULL
          WHERE tenant_id = mine.tenant_id AND id = mine.id;
        RETURN 'owned';
      END $$;

      -- Hands accounts to a tenant, with what was read of them (foreign keys cascade). For the platform only. An account
      -- that the target has registered but not proven, or had once, gives way. Returns the ids that moved.
      CREATE FUNCTION assign_accounts(moved uuid[], target uuid) RETURNS SETOF uuid
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
      BEGIN
        PERFORM assert_platform();
        IF NOT EXISTS (SELECT 1 FROM tenants WHERE id = target) THEN
          RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'no_data_found';
        END IF;
        IF (SELECT count(*) FROM accounts WHERE id = ANY (moved)) < (SELECT count(DISTINCT id) FROM unnest(moved) AS m (id)) THEN
          RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
        END IF;
        DELETE FROM accounts pending USING accounts held
          WHERE held.id = ANY (moved) AND held.status = 'owned' AND held.tenant_id <> target
            AND pending.tenant_id = target AND pending.status <> 'owned'
            AND pending.partition = held.partition AND pending.aws_account_id = held.aws_account_id;
        RETURN QUERY UPDATE accounts SET tenant_id = target
          WHERE id = ANY (moved) AND status = 'owned' AND tenant_id <> target RETURNING id;
      END $$;

      -- An account that another tenant holds, handed to the tenant that asked for it. For the platform only.
      CREATE FUNCTION accept_transfer(request uuid) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
      DECLARE
        asked transfer_requests%ROWTYPE;
      BEGIN
        PERFORM assert_platform();
        SELECT * INTO asked FROM transfer_requests WHERE id = request AND state = 'open' FOR UPDATE;
        IF NOT FOUND THEN RAISE EXCEPTION 'no such open request' USING ERRCODE = 'no_data_found'; END IF;
        -- From whoever holds it by now: it may have moved since it was asked for.
        UPDATE accounts SET status = 'left', left_at = now()
          WHERE partition = asked.partition AND aws_account_id = asked.aws_account_id AND status = 'owned'
            AND tenant_id <> asked.to_tenant_id;
        UPDATE accounts SET status = 'owned', verified_at = now(), problem = NULL, remedy = NULL, transfer_requested_at = NULL
          WHERE tenant_id = asked.to_tenant_id AND id = asked.to_account_id;
        IF NOT FOUND THEN RAISE EXCEPTION 'the asking account is gone' USING ERRCODE = 'no_data_found'; END IF;
        UPDATE transfer_requests SET state = 'accepted', decided_at = now() WHERE id = request;
      END $$;

      -- What sync-organization saw, written wherever each account lives now: an assigned one is its tenant's.
      -- Accounts not seen are marked as left, never dropped. For the platform only.
      CREATE FUNCTION upsert_organization_accounts(organization uuid, seen jsonb, complete boolean) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
      DECLARE
        written integer;
        platform uuid := ${CURRENT_TENANT};
      BEGIN
        PERFORM assert_platform();
        WITH listed AS MATERIALIZED (
          SELECT * FROM jsonb_to_recordset(seen) AS r (id uuid, aws_account_id text, partition text, name text, role_arn text,
            external_id text, aws_state text, ou_path text)
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
                                external_id, status, aws_state, ou_path, created_at, verified_at)
          SELECT platform, l.id, l.partition, l.aws_account_id, l.name, 'organization', organization, l.role_arn,
                 l.external_id, 'owned', l.aws_state, l.ou_path, now(), now()
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

      -- The tags of an organization's accounts, which cost a call each and so come later. For the platform only.
      CREATE FUNCTION update_account_tags(organization uuid, seen jsonb) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
      AS $$
      BEGIN
        PERFORM assert_platform();
        UPDATE accounts a SET tags = l.tags
        FROM jsonb_to_recordset(seen) AS l (aws_account_id text, tags jsonb)
        WHERE a.organization_id = organization AND a.aws_account_id = l.aws_account_id AND a.tags <> l.tags;
      END $$;

      REVOKE ALL ON FUNCTION claim_account(uuid, uuid), assign_accounts(uuid[], uuid), accept_transfer(uuid),
        upsert_organization_accounts(uuid, jsonb, boolean), update_account_tags(uuid, jsonb) FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION claim_account(uuid, uuid), assign_accounts(uuid[], uuid), accept_transfer(uuid),
        upsert_organization_accounts(uuid, jsonb, boolean), update_account_tags(uuid, jsonb) TO mothball_app;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
