import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CURRENT_TENANT, tenantTable } from './rls-v1';

/** What the first entry of a chain follows. */
const NOTHING = `decode(repeat('00', 32), 'hex')`;

/**
 * The audit log: for each tenant a chain of entries in which each one's hash covers the one before. The app's login
 * reads it, and adds to it by one function that gives the numbers, the time and the hashes.
 */
export class AuditLog1790000007000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(TABLES);
    await queryRunner.query(HASHES);
    await queryRunner.query(WRITING);
    await queryRunner.query(PRUNING);
    await queryRunner.query(KEEPING);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}

const TABLES = `
  CREATE TABLE audit_entries (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    -- Without gaps, from 1.
    seq bigint NOT NULL CHECK (seq >= 1),
    id uuid NOT NULL,
    at timestamptz(3) NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('person', 'token', 'service', 'anonymous')),
    actor_id text NOT NULL,
    actor_name text NOT NULL,
    -- Whose the actor is: the platform's people act in other tenants, too.
    actor_tenant_id uuid,
    actor_role text,
    actor_stands_for text NOT NULL,
    action text NOT NULL CHECK (action <> ''),
    object_type text,
    object_id text,
    -- JSON, as text: what was hashed must come back letter by letter.
    before text,
    after text,
    request_id text,
    source_address text,
    previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant_id, seq)
  );
  CREATE UNIQUE INDEX audit_entries_ids ON audit_entries (tenant_id, id);
  CREATE INDEX audit_entries_by_time ON audit_entries (tenant_id, at DESC, seq DESC, id DESC);
  CREATE INDEX audit_entries_of_actor ON audit_entries (tenant_id, actor_id, at DESC, seq DESC, id DESC);
  CREATE INDEX audit_entries_of_action ON audit_entries (tenant_id, action, at DESC, seq DESC, id DESC);
  CREATE INDEX audit_entries_of_object ON audit_entries (tenant_id, object_type, object_id, at DESC, seq DESC, id DESC);
  CREATE INDEX audit_entries_of_request ON audit_entries (tenant_id, request_id, at DESC, seq DESC, id DESC);
  ${tenantTable('audit_entries', { appVerbs: ['SELECT'] })};

  -- The newest entry of each chain. Whoever adds to a chain holds its row until the commit.
  CREATE TABLE audit_heads (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    seq bigint NOT NULL CHECK (seq >= 0),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    at timestamptz(3) NOT NULL
  );
  ${tenantTable('audit_heads', { appVerbs: ['SELECT'] })};

  -- What was pruned: a chain of its own, from whose end the entries that are left go on.
  CREATE TABLE audit_checkpoints (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    number integer NOT NULL CHECK (number >= 1),
    -- The last entry that was pruned.
    seq bigint NOT NULL CHECK (seq >= 1),
    entry_hash bytea NOT NULL CHECK (length(entry_hash) = 32),
    at timestamptz(3) NOT NULL,
    previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant_id, number)
  );
  ${tenantTable('audit_checkpoints', { appVerbs: ['SELECT'] })};
`;

/** The form is written down in docs/audit-log.md and never changes: old entries are verified by it. */
const HASHES = `
  -- "5:hello," for a text of five bytes in UTF-8, "~" for none: no two lists of texts look the same.
  CREATE FUNCTION audit_field(value text) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = mothball, pg_temp
  AS $$
    SELECT CASE WHEN value IS NULL THEN '~'::bytea
      ELSE convert_to(octet_length(convert_to(value, 'UTF8')) || ':' || value || ',', 'UTF8') END
  $$;

  CREATE FUNCTION audit_time(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = mothball, pg_temp
  AS $$ SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

  CREATE FUNCTION audit_hash(form text, fields text[]) RETURNS bytea LANGUAGE sql IMMUTABLE
    SET search_path = mothball, pg_temp
  AS $$
    SELECT sha256(audit_field(form) || string_agg(audit_field(field), ''::bytea ORDER BY place))
    FROM unnest(fields) WITH ORDINALITY AS f (field, place)
  $$;

  CREATE FUNCTION audit_entry_hash(e audit_entries) RETURNS bytea LANGUAGE sql IMMUTABLE
    SET search_path = mothball, pg_temp
  AS $$
    SELECT audit_hash('mothball-audit-entry-1', ARRAY[e.tenant_id::text, e.seq::text, e.id::text, audit_time(e.at),
      e.actor_kind, e.actor_id, e.actor_name, e.actor_tenant_id::text, e.actor_role, e.actor_stands_for, e.action,
      e.object_type, e.object_id, e.before, e.after, e.request_id, e.source_address, encode(e.previous_hash, 'hex')])
  $$;

  CREATE FUNCTION audit_checkpoint_hash(c audit_checkpoints) RETURNS bytea LANGUAGE sql IMMUTABLE
    SET search_path = mothball, pg_temp
  AS $$
    SELECT audit_hash('mothball-audit-checkpoint-1', ARRAY[c.tenant_id::text, c.number::text, c.seq::text,
      encode(c.entry_hash, 'hex'), audit_time(c.at), encode(c.previous_hash, 'hex')])
  $$;

  REVOKE ALL ON FUNCTION audit_field(text), audit_time(timestamptz), audit_hash(text, text[]),
    audit_entry_hash(audit_entries), audit_checkpoint_hash(audit_checkpoints) FROM PUBLIC;
`;

const WRITING = `
  -- Adds to one tenant's chain, in the order given. The numbers, the time and the hashes are made here.
  CREATE FUNCTION extend_audit_chain(tenant uuid, notes jsonb) RETURNS void LANGUAGE plpgsql
    SET search_path = mothball, pg_temp
  AS $$
  DECLARE
    head audit_heads%ROWTYPE;
    entry audit_entries%ROWTYPE;
    note record;
  BEGIN
    INSERT INTO audit_heads (tenant_id, seq, hash, at) VALUES (tenant, 0, ${NOTHING}, 'epoch')
      ON CONFLICT (tenant_id) DO NOTHING;
    SELECT * INTO STRICT head FROM audit_heads WHERE tenant_id = tenant FOR UPDATE;
    -- A clock that was put back must not put entries out of order.
    head.at := greatest(clock_timestamp(), head.at);
    FOR note IN
      SELECT * FROM ROWS FROM (jsonb_to_recordset(notes) AS (id uuid, actor_kind text, actor_id text, actor_name text,
        actor_tenant_id uuid, actor_role text, actor_stands_for text, action text, object_type text, object_id text,
        before text, after text, request_id text, source_address text)) WITH ORDINALITY
      ORDER BY ordinality
    LOOP
      entry.tenant_id := tenant;
      entry.seq := head.seq + 1;
      entry.id := note.id;
      entry.at := head.at;
      entry.actor_kind := note.actor_kind;
      entry.actor_id := note.actor_id;
      entry.actor_name := note.actor_name;
      entry.actor_tenant_id := note.actor_tenant_id;
      entry.actor_role := note.actor_role;
      entry.actor_stands_for := note.actor_stands_for;
      entry.action := note.action;
      entry.object_type := note.object_type;
      entry.object_id := note.object_id;
      entry.before := note.before;
      entry.after := note.after;
      entry.request_id := note.request_id;
      entry.source_address := note.source_address;
      entry.previous_hash := head.hash;
      entry.hash := audit_entry_hash(entry);
      INSERT INTO audit_entries SELECT entry.*;
      head.seq := entry.seq;
      head.hash := entry.hash;
    END LOOP;
    UPDATE audit_heads SET seq = head.seq, hash = head.hash, at = head.at WHERE tenant_id = tenant;
  END $$;

  -- The app's only way to write: to the chain of the tenant that it acts in.
  CREATE FUNCTION append_audit_entries(notes jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    PERFORM extend_audit_chain(${CURRENT_TENANT}, notes);
  END $$;

  REVOKE ALL ON FUNCTION extend_audit_chain(uuid, jsonb), append_audit_entries(jsonb) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION append_audit_entries(jsonb) TO mothball_app;
`;

const PRUNING = `
  -- Deletes a tenant's entries from before a moment, and leaves a checkpoint and an entry that vouches for it. For the
  -- owner's login alone. Answers how many were deleted.
  CREATE FUNCTION prune_audit_entries(tenant uuid, before_moment timestamptz, note jsonb) RETURNS bigint LANGUAGE plpgsql
    SET search_path = mothball, pg_temp
  AS $$
  DECLARE
    last audit_entries%ROWTYPE;
    made audit_checkpoints%ROWTYPE;
    newest audit_checkpoints%ROWTYPE;
    deleted bigint;
  BEGIN
    -- Nobody adds to the chain, or prunes it, meanwhile.
    PERFORM 1 FROM audit_heads WHERE tenant_id = tenant FOR UPDATE;
    -- All before it are older: times never go back along a chain.
    SELECT * INTO last FROM audit_entries WHERE tenant_id = tenant AND at < before_moment ORDER BY at DESC, seq DESC LIMIT 1;
    IF NOT FOUND THEN RETURN 0; END IF;
    SELECT * INTO newest FROM audit_checkpoints WHERE tenant_id = tenant ORDER BY number DESC LIMIT 1;
    made.tenant_id := tenant;
    made.number := coalesce(newest.number, 0) + 1;
    made.seq := last.seq;
    made.entry_hash := last.hash;
    made.at := clock_timestamp();
    made.previous_hash := coalesce(newest.hash, ${NOTHING});
    made.hash := audit_checkpoint_hash(made);
    INSERT INTO audit_checkpoints SELECT made.*;
    DELETE FROM audit_entries WHERE tenant_id = tenant AND seq <= last.seq;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    PERFORM extend_audit_chain(tenant, jsonb_build_array(note || jsonb_build_object(
      'action', 'audit-log.pruned', 'object_type', 'audit-checkpoint', 'object_id', made.number::text,
      'after', format('{"before":"%s","checkpoint":"%s","entries":%s,"lastEntry":%s}',
        audit_time(before_moment), encode(made.hash, 'hex'), deleted, last.seq))));
    RETURN deleted;
  END $$;

  REVOKE ALL ON FUNCTION prune_audit_entries(uuid, timestamptz, jsonb) FROM PUBLIC;
`;

/** Even the owner's login changes nothing by accident; who goes around this is found by the hashes. */
const KEEPING = `
  CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    RAISE EXCEPTION 'the audit log only grows: % on % is refused', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege';
  END $$;

  CREATE FUNCTION refuse_audit_deletion() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    IF EXISTS (SELECT 1 FROM gone WHERE NOT EXISTS (
      SELECT 1 FROM audit_checkpoints c WHERE c.tenant_id = gone.tenant_id AND c.seq >= gone.seq))
    THEN
      RAISE EXCEPTION 'the audit log only grows: prune it with "npm run audit:prune"'
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
  END $$;

  CREATE FUNCTION refuse_audit_head_change() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    IF NEW.tenant_id <> OLD.tenant_id OR NEW.seq < OLD.seq THEN
      RAISE EXCEPTION 'the audit log only grows: its head does not go back' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
  END $$;

  REVOKE ALL ON FUNCTION refuse_audit_change(), refuse_audit_deletion(), refuse_audit_head_change() FROM PUBLIC;

  CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
  CREATE TRIGGER audit_entries_pruned_only AFTER DELETE ON audit_entries REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_deletion();
  CREATE TRIGGER audit_checkpoints_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
  CREATE TRIGGER audit_heads_stay BEFORE DELETE OR TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
  CREATE TRIGGER audit_heads_grow BEFORE UPDATE ON audit_heads
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_head_change();
`;
