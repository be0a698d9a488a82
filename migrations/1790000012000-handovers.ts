import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CURRENT_TENANT } from './rls-v1';

/** Accounts that change hands say so in both tenants' audit logs; what is over is pruned; findings are read in their orders. */
export class Handovers1790000012000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(LOGS);
    await queryRunner.query(HANDING);
    await queryRunner.query(PRUNING);
    await queryRunner.query(ORDERS);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}

const LOGS = `
  -- Adds to the chains of several tenants what one decision of the platform does in each; "tenant_id" null: the caller's.
  -- Heads are locked in the order of the tenants' ids, so that two of these never wait for each other.
  CREATE FUNCTION append_audit_entries_across(notes jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = mothball, pg_temp
  AS $$
  DECLARE
    own record;
  BEGIN
    PERFORM assert_platform();
    FOR own IN
      SELECT coalesce((n.note ->> 'tenant_id')::uuid, ${CURRENT_TENANT}) AS tenant, jsonb_agg(n.note ORDER BY n.place) AS notes
      FROM jsonb_array_elements(notes) WITH ORDINALITY AS n (note, place) GROUP BY 1 ORDER BY 1
    LOOP
      PERFORM extend_audit_chain(own.tenant, own.notes);
    END LOOP;
  END $$;

  REVOKE ALL ON FUNCTION append_audit_entries_across(jsonb) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION append_audit_entries_across(jsonb) TO mothball_app;
`;

const HANDING = `
  DROP FUNCTION assign_accounts(uuid[], uuid);
  -- As before, and answers who had each account that moved. Two calls about the same accounts lock them in one order.
  CREATE FUNCTION assign_accounts(moved uuid[], target uuid)
    RETURNS TABLE (id uuid, from_tenant_id uuid, partition text, aws_account_id text, name text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = mothball, pg_temp
  AS $$
  #variable_conflict use_column
  BEGIN
    PERFORM assert_platform();
    IF NOT EXISTS (SELECT 1 FROM tenants WHERE id = target) THEN
      RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM 1 FROM accounts WHERE id = ANY (moved) ORDER BY id FOR UPDATE;
    IF (SELECT count(*) FROM accounts WHERE id = ANY (moved)) < (SELECT count(DISTINCT m.id) FROM unnest(moved) AS m (id)) THEN
      RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    DELETE FROM accounts pending USING accounts held
      WHERE held.id = ANY (moved) AND held.status = 'owned' AND held.tenant_id <> target
        AND pending.tenant_id = target AND pending.status <> 'owned'
        AND pending.partition = held.partition AND pending.aws_account_id = held.aws_account_id;
    RETURN QUERY
      WITH held AS MATERIALIZED (
        SELECT a.id, a.tenant_id FROM accounts a WHERE a.id = ANY (moved) AND a.status = 'owned' AND a.tenant_id <> target
      )
      UPDATE accounts a SET tenant_id = target FROM held WHERE a.id = held.id
      RETURNING a.id, held.tenant_id, a.partition, a.aws_account_id, a.name;
  END $$;

  DROP FUNCTION accept_transfer(uuid);
  -- As before, and answers between whom; "from" is null where nobody held the account any more.
  CREATE FUNCTION accept_transfer(request uuid)
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
    UPDATE accounts SET status = 'owned', verified_at = now(), problem = NULL, remedy = NULL, transfer_requested_at = NULL
      WHERE tenant_id = asked.to_tenant_id AND id = asked.to_account_id;
    IF NOT FOUND THEN RAISE EXCEPTION 'the asking account is gone' USING ERRCODE = 'no_data_found'; END IF;
    UPDATE transfer_requests SET state = 'accepted', decided_at = now() WHERE id = request;
    RETURN QUERY SELECT former.tenant_id, former.id, a.tenant_id, a.id, a.partition, a.aws_account_id, a.name
      FROM accounts a WHERE a.tenant_id = asked.to_tenant_id AND a.id = asked.to_account_id;
  END $$;

  REVOKE ALL ON FUNCTION assign_accounts(uuid[], uuid), accept_transfer(uuid) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION assign_accounts(uuid[], uuid), accept_transfer(uuid) TO mothball_app;
`;

const PRUNING = `
  CREATE INDEX tasks_over ON tasks (finished_at) WHERE state IN ('done', 'cancelled');
  CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
  CREATE INDEX policy_previews_over ON policy_previews (finished_at) WHERE state = 'finished';

  -- Forgets what has been over for so many days, of every tenant, as much as one short transaction may. Never what is
  -- younger than a day. Answers how many rows were deleted. For the platform only.
  CREATE FUNCTION prune_what_is_over(days integer, at_most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = mothball, pg_temp
  AS $$
  DECLARE
    since timestamptz := now() - make_interval(days => days);
    deleted integer;
    total integer := 0;
  BEGIN
    PERFORM assert_platform();
    IF days < 1 THEN RAISE EXCEPTION 'nothing younger than a day is pruned' USING ERRCODE = 'invalid_parameter_value'; END IF;
    WITH old AS MATERIALIZED (
      SELECT k.tenant_id, k.key FROM idempotency_keys k WHERE k.created_at < since
      ORDER BY k.created_at LIMIT at_most FOR UPDATE SKIP LOCKED
    ) DELETE FROM idempotency_keys k USING old WHERE k.tenant_id = old.tenant_id AND k.key = old.key;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    total := total + deleted;
    -- A session that was ended is past its own end a week later at most.
    WITH old AS MATERIALIZED (
      SELECT s.tenant_id, s.id FROM sessions s WHERE s.tenant_id = ${CURRENT_TENANT} AND s.expires_at < since
      ORDER BY s.expires_at LIMIT at_most FOR UPDATE SKIP LOCKED
    ) DELETE FROM sessions s USING old WHERE s.tenant_id = old.tenant_id AND s.id = old.id;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    total := total + deleted;
    -- Each may take thousands of changes along.
    WITH old AS MATERIALIZED (
      SELECT v.tenant_id, v.id FROM policy_previews v WHERE v.state = 'finished' AND v.finished_at < since
      ORDER BY v.finished_at LIMIT ceil(at_most / 100.0)::integer FOR UPDATE SKIP LOCKED
    ) DELETE FROM policy_previews v USING old WHERE v.tenant_id = old.tenant_id AND v.id = old.id;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN total + deleted;
  END $$;

  REVOKE ALL ON FUNCTION prune_what_is_over(integer, integer) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION prune_what_is_over(integer, integer) TO mothball_app;
`;

/** The same expression as in `src/findings/finding.ts`. */
const IDLENESS = `CASE WHEN idle_since IS NOT NULL THEN idle_since
    WHEN idle_at_least THEN '-infinity'::timestamptz ELSE 'infinity' END`;

const ORDERS = `
  -- Was made with coalesce(), which Postgres does not compare by under row-level security: it is not known not to leak.
  DROP INDEX findings_by_idleness;
  CREATE INDEX findings_by_idleness ON findings (tenant_id, (${IDLENESS}), id);
  CREATE INDEX findings_by_severity ON findings (tenant_id,
    (CASE severity WHEN 'critical' THEN 1 WHEN 'high' THEN 2 WHEN 'medium' THEN 3 ELSE 4 END),
    (${IDLENESS}), id);
  CREATE INDEX findings_by_first_seen ON findings (tenant_id, first_seen_at, id);
  CREATE INDEX accounts_by_name ON accounts (tenant_id, name, id);
`;
