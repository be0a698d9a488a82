import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PLAN_MANIFESTS } from './plan-manifests-v1';
import { tenantTable } from './rls-v1';

/** Plans and their items, approvals, executions, what was sent to AWS, snapshots. */
export class Plans1790000013000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(PLANS);
    await queryRunner.query(PLAN_MANIFESTS);
    await queryRunner.query(EXECUTIONS);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}

const PLANS = `
  CREATE TABLE plans (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    title text NOT NULL,
    -- by-hand: people selected the findings; else the mode of the policy that made it.
    mode text NOT NULL CHECK (mode IN ('by-hand', 'propose', 'automatic-quarantine', 'automatic-deletion')),
    policy_name text,
    policy_version integer,
    -- How far its items go.
    goal text NOT NULL CHECK (goal IN ('quarantine', 'deletion')),
    dry_run boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'proposed', 'approved', 'halted', 'completed', 'cancelled', 'lapsed', 'refused')),
    -- Why it is in that state, and what to do about it; for people.
    reason text,
    remedy text,
    -- The rules as they were when it was proposed, the approvals it needs, and how much it touches; part of the manifest.
    terms jsonb NOT NULL,
    selection jsonb NOT NULL,
    -- SHA-256 of the manifest, hexadecimal; null while it is a draft.
    manifest_hash text CHECK (manifest_hash ~ '^[0-9a-f]{64}$'),
    approvals_needed integer NOT NULL DEFAULT 1 CHECK (approvals_needed >= 0),
    made_by text NOT NULL,
    -- Who may not be the second person.
    stands_for text NOT NULL,
    note text,
    created_at timestamptz(3) NOT NULL,
    proposed_at timestamptz(3),
    lapses_at timestamptz(3),
    approved_at timestamptz(3),
    state_changed_at timestamptz(3) NOT NULL,
    -- From where on unexpected errors count towards the circuit breaker.
    breaker_since timestamptz(3),
    PRIMARY KEY (tenant_id, id),
    CHECK ((state = 'draft') = (manifest_hash IS NULL))
  );
  CREATE INDEX plans_by_time ON plans (tenant_id, created_at DESC, id DESC);
  CREATE INDEX plans_by_state ON plans (tenant_id, state, created_at DESC, id DESC);
  ${tenantTable('plans')};

  -- An item outlives the inventory it came from and stays with the tenant that planned it, so it names its account and
  -- identity without a foreign key.
  CREATE TABLE plan_items (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    position integer NOT NULL,
    account_id uuid NOT NULL,
    aws_account_id text NOT NULL,
    partition text NOT NULL,
    identity_id uuid NOT NULL,
    course text NOT NULL CHECK (course IN ('access-key', 'observed-key', 'password', 'user', 'role')),
    -- Of the user or role.
    principal_id text NOT NULL,
    name text NOT NULL,
    path text NOT NULL,
    arn text NOT NULL,
    access_key_id text,
    finding_ids uuid[] NOT NULL,
    check_ids text[] NOT NULL,
    -- What a fresh read must still show. Part of the manifest.
    approved jsonb NOT NULL,
    -- What was found that names it, and what cannot be seen; for people. Part of the manifest.
    references_found jsonb NOT NULL DEFAULT '[]',
    -- Of an earlier plan that only quarantined it: this one goes on from there.
    continues_item_id uuid,
    -- SHA-256 of its part of the manifest, hexadecimal.
    content_hash text NOT NULL,
    stage text NOT NULL CHECK (stage IN ('refused', 'waiting', 'rehearsed', 'quarantining', 'announced', 'quarantined',
      'silenced', 'deleting', 'deleted', 'returning', 'restored', 'recreating', 'recreated', 'halted', 'dropped',
      'handed-over', 'cancelled')),
    stage_at timestamptz(3) NOT NULL,
    -- Where a halted, returning or recreating item came from.
    stage_before text,
    -- A refusal's, a halt's: what happened and what to do; for people.
    code text,
    reason text,
    remedy text,
    -- When something must be done about it next, by the service's clock; null: nothing.
    next_at timestamptz(3),
    -- Its first intent; counts towards the caps.
    began_at timestamptz(3),
    quarantined_at timestamptz(3),
    -- An inactive key may show no sign of life: what was put in quarantine, 'boundary', 'inactive-key' or 'notice'.
    quarantined_by text CHECK (quarantined_by IN ('boundary', 'inactive-key', 'notice')),
    deletion_due_at timestamptz(3),
    deletion_announced_at timestamptz(3),
    silenced_at timestamptz(3),
    -- The first step of its deletion was answered by AWS: from here on it cannot be cancelled, only restored.
    point_of_no_return_at timestamptz(3),
    ended_at timestamptz(3),
    -- When its watch last had an answer, and since when it has had none.
    watched_at timestamptz(3),
    unknown_since timestamptz(3),
    -- {source, at, detail} of the sign of life that ended its quarantine.
    life jsonb,
    -- What restoring could not bring back, and what must be mended by hand; for people.
    losses jsonb NOT NULL DEFAULT '[]',
    execution_id uuid,
    -- Turns in a row that ended in an error.
    failures integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES plans (tenant_id, id),
    UNIQUE (tenant_id, plan_id, position)
  );
  CREATE INDEX plan_items_by_stage ON plan_items (tenant_id, plan_id, stage, position);
  CREATE INDEX plan_items_by_time ON plan_items (tenant_id, stage_at DESC, id DESC);
  CREATE INDEX plan_items_due ON plan_items (tenant_id, account_id, next_at) WHERE next_at IS NOT NULL;
  CREATE INDEX plan_items_by_identity ON plan_items (tenant_id, identity_id);
  CREATE INDEX plan_items_by_principal ON plan_items (tenant_id, principal_id);
  CREATE INDEX plan_items_begun ON plan_items (tenant_id, account_id, began_at) WHERE began_at IS NOT NULL;
  -- What is being worked on is in one plan only, so that two plans never pull at one identity.
  CREATE UNIQUE INDEX plan_items_one_at_work ON plan_items (tenant_id, account_id, principal_id, coalesce(access_key_id, ''), (course = 'password'))
    WHERE stage IN ('quarantining', 'announced', 'quarantined', 'silenced', 'deleting', 'returning', 'recreating', 'halted');
  -- A boundary is its user's or role's only one: two plans must not put and remove it in turn.
  CREATE UNIQUE INDEX plan_items_one_boundary ON plan_items (tenant_id, account_id, principal_id)
    WHERE course IN ('user', 'role', 'observed-key')
      AND stage IN ('quarantining', 'announced', 'quarantined', 'silenced', 'deleting', 'returning', 'recreating', 'halted');
  ${tenantTable('plan_items', { appVerbs: ['SELECT', 'INSERT', 'UPDATE'] })};
  -- A draft that was never proposed may go; what was proposed never does.
  GRANT DELETE ON plans, plan_items TO mothball_app;

  CREATE TABLE plan_approvals (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    manifest_hash text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('approved', 'refused')),
    decided_by text NOT NULL,
    stands_for text NOT NULL,
    scope text NOT NULL CHECK (scope IN ('tenant', 'platform', 'policy')),
    note text,
    at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES plans (tenant_id, id),
    UNIQUE (tenant_id, plan_id, stands_for)
  );
  ${tenantTable('plan_approvals', { appVerbs: ['SELECT', 'INSERT'] })};
`;

const EXECUTIONS = `
  -- The newest turns of a plan's items since it was last resumed, oldest first: '.' went as expected, 'x' did not.
  CREATE TABLE plan_breakers (
    tenant_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    since timestamptz(3),
    turns text NOT NULL DEFAULT '' CHECK (turns ~ '^[.x]*$'),
    PRIMARY KEY (tenant_id, plan_id),
    FOREIGN KEY (tenant_id, plan_id) REFERENCES plans (tenant_id, id) ON DELETE CASCADE
  );
  ${tenantTable('plan_breakers', { platform: false })};

  -- One run over one account's items. Its id is the SourceIdentity that CloudTrail shows.
  CREATE TABLE executions (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    aws_account_id text NOT NULL,
    task_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('clean-up', 'restore')),
    began_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    outcome text CHECK (outcome IN ('done', 'paused', 'halted', 'failed')),
    reason text,
    aws_calls jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, id)
  );
  CREATE INDEX executions_by_account ON executions (tenant_id, account_id, began_at DESC);
  ${tenantTable('executions', { appVerbs: ['SELECT', 'INSERT', 'UPDATE'] })};

  -- Each request that changes something in AWS: written before it is sent, completed when it was answered.
  CREATE TABLE item_steps (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    item_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('quarantine', 'silence', 'deletion', 'return', 're-creation', 'repair')),
    action text NOT NULL,
    -- Names and ids; documents by their hash.
    request jsonb NOT NULL,
    -- Would have been sent, was not: a dry run.
    rehearsed boolean NOT NULL DEFAULT false,
    intended_at timestamptz(3) NOT NULL,
    -- done; already: found to be so when looked again; refused, failed: AWS said no; unanswered: nobody knows yet.
    outcome text CHECK (outcome IN ('done', 'already', 'refused', 'failed', 'unanswered')),
    aws_request_id text,
    error_code text,
    error_message text,
    answered_at timestamptz(3),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, item_id) REFERENCES plan_items (tenant_id, id) ON DELETE CASCADE
  );
  CREATE INDEX item_steps_by_item ON item_steps (tenant_id, item_id, intended_at, id);
  ${tenantTable('item_steps', { appVerbs: ['SELECT', 'INSERT', 'UPDATE'] })};

  -- All that AWS told of an identity just before it was touched; sealed.
  CREATE TABLE snapshots (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    item_id uuid NOT NULL,
    taken_at timestamptz(3) NOT NULL,
    -- So many days after its item ended, as the rules were when it was taken; null: the item is still being worked on.
    keep_days integer NOT NULL,
    kept_until timestamptz(3),
    purpose text NOT NULL CHECK (purpose IN ('quarantine', 'deletion')),
    content_hash text NOT NULL,
    content_sealed bytea NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, item_id) REFERENCES plan_items (tenant_id, id) ON DELETE CASCADE,
    UNIQUE (tenant_id, item_id, purpose)
  );
  CREATE INDEX snapshots_by_end ON snapshots (kept_until) WHERE kept_until IS NOT NULL;

  -- An item may end more than once: what was deleted is restored later. Whoever ends it, what is kept of it follows.
  CREATE FUNCTION keep_snapshots() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    UPDATE snapshots SET kept_until = NEW.ended_at + make_interval(days => keep_days)
    WHERE tenant_id = NEW.tenant_id AND item_id = NEW.id;
    RETURN NULL;
  END $$;
  CREATE TRIGGER plan_items_keep_snapshots AFTER UPDATE OF ended_at ON plan_items
    FOR EACH ROW WHEN (NEW.ended_at IS DISTINCT FROM OLD.ended_at) EXECUTE FUNCTION keep_snapshots();

  CREATE FUNCTION prune_snapshots(at timestamptz, at_most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = mothball, pg_temp
  AS $$
  DECLARE
    deleted integer;
  BEGIN
    PERFORM assert_platform();
    WITH old AS MATERIALIZED (
      SELECT s.tenant_id, s.id FROM snapshots s WHERE s.kept_until < at
      ORDER BY s.kept_until LIMIT at_most FOR UPDATE SKIP LOCKED
    ) DELETE FROM snapshots s USING old WHERE s.tenant_id = old.tenant_id AND s.id = old.id;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
  END $$;
  REVOKE ALL ON FUNCTION prune_snapshots(timestamptz, integer) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION prune_snapshots(timestamptz, integer) TO mothball_app;
  ${tenantTable('snapshots', { platform: false })};
`;
