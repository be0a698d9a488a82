import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** What we tell: events as they are published, the endpoints that hear of them, and every delivery and its attempts. */
export class Notifications1790000015000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(EVENTS);
    await queryRunner.query(ENDPOINTS);
    await queryRunner.query(DELIVERIES);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}

const EVENTS = `
  -- Events that are recorded and not yet published; written in the transaction that records them.
  CREATE TABLE unpublished_events (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    event_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
  );
  ${tenantTable('unpublished_events', { appVerbs: ['SELECT', 'INSERT', 'DELETE'] })};

  -- By the database itself, so that no way of recording an event can forget it.
  CREATE FUNCTION events_to_publish() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    INSERT INTO unpublished_events (tenant_id, event_id) SELECT tenant_id, id FROM recorded;
    RETURN NULL;
  END $$;
  CREATE TRIGGER events_to_publish AFTER INSERT ON events REFERENCING NEW TABLE AS recorded
    FOR EACH STATEMENT EXECUTE FUNCTION events_to_publish();

  -- Whose events wait, for the workers of all tenants: ids only. Catches up with what a lost notification left.
  CREATE FUNCTION tenants_with_unpublished_events() RETURNS TABLE (tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
  AS $$ SELECT DISTINCT tenant_id FROM unpublished_events $$;
  REVOKE ALL ON FUNCTION tenants_with_unpublished_events() FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION tenants_with_unpublished_events() TO mothball_app;

  -- What the catalogue has of the events, in the order in which it was published: without gaps, and nothing comes in
  -- before what has been read already. The columns are what endpoints filter by; history, so without foreign keys.
  CREATE TABLE published_events (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    seq bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    object_type text NOT NULL,
    object_id text NOT NULL,
    at timestamptz(3) NOT NULL,
    published_at timestamptz(3) NOT NULL,
    account_id uuid,
    scan_id uuid,
    check_id text,
    severity text,
    owner text,
    ou_path text,
    -- The facts of which each version of the payload is made.
    facts jsonb NOT NULL,
    PRIMARY KEY (tenant_id, seq)
  );
  CREATE UNIQUE INDEX published_events_once ON published_events (tenant_id, id);
  CREATE INDEX published_events_by_type ON published_events (tenant_id, type, seq);
  CREATE INDEX published_events_by_object ON published_events (tenant_id, object_type, object_id, seq);
  CREATE INDEX published_events_by_time ON published_events (tenant_id, published_at);
  ${tenantTable('published_events', { appVerbs: ['SELECT', 'INSERT', 'DELETE'] })};

  -- How far each tenant's numbers have come: they go on after the oldest events are pruned.
  CREATE TABLE publishing (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    last_seq bigint NOT NULL,
    PRIMARY KEY (tenant_id)
  );
  ${tenantTable('publishing', { appVerbs: ['SELECT', 'INSERT', 'UPDATE'] })};
`;

const ENDPOINTS = `
  CREATE TABLE endpoints (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('webhook', 'email', 'slack', 'sns')),
    -- paused: by people; deliveries wait. disabled: it said 410, or failed for days; deliveries fail and can be replayed.
    state text NOT NULL CHECK (state IN ('active', 'paused', 'disabled')),
    state_why text,
    state_changed_at timestamptz(3) NOT NULL,
    -- The version of the payload that it was made with.
    payload_version integer NOT NULL,
    sends text NOT NULL CHECK (sends IN ('single', 'batch', 'daily-digest', 'weekly-digest')),
    -- What it asked for: types, checks, severities, accounts, OUs, owners. What is missing asks for everything.
    filter jsonb NOT NULL,
    -- What its channel needs and is no secret.
    settings jsonb NOT NULL,
    -- webhook: the signing secret; slack: the address. The one before it signs as well until its time is over.
    secret_sealed bytea,
    secret_made_at timestamptz(3),
    previous_secret_sealed bytea,
    previous_secret_until timestamptz(3),
    per_minute integer NOT NULL CHECK (per_minute BETWEEN 1 AND 6000),
    concurrency integer NOT NULL CHECK (concurrency BETWEEN 1 AND 20),
    -- Since when nothing was accepted, how often in a row, and until when nothing is sent at all.
    failing_since timestamptz(3),
    failures integer NOT NULL DEFAULT 0,
    wait_until timestamptz(3),
    -- Events up to this one had been published when it was made: it asks for those after it.
    after_seq bigint NOT NULL,
    made_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    changed_at timestamptz(3) NOT NULL,
    deleted_at timestamptz(3),
    PRIMARY KEY (tenant_id, id)
  );
  CREATE UNIQUE INDEX endpoints_by_name ON endpoints (tenant_id, lower(name)) WHERE deleted_at IS NULL;
  ${tenantTable('endpoints')};
`;

const DELIVERIES = `
  -- One message for one endpoint. Its id, or its event's, is the message's in each attempt and replay.
  CREATE TABLE deliveries (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('event', 'batch', 'digest', 'test')),
    -- event: which. batch: of which account's events, from seq to last_seq.
    event_id uuid,
    seq bigint,
    last_seq bigint,
    account_id uuid,
    type text NOT NULL,
    -- "finding <id>": of two of the same, the older is never accepted after the newer. Null: stands for itself.
    object_key text,
    -- Null for an event: it is made of what was published, in the endpoint's version.
    payload jsonb,
    -- gathering: a batch that is not yet over.
    state text NOT NULL CHECK (state IN ('gathering', 'waiting', 'delivered', 'failed', 'superseded', 'cancelled')),
    state_why text,
    attempts integer NOT NULL DEFAULT 0,
    -- Of all rounds; a replay begins a new round of attempts.
    replays integer NOT NULL DEFAULT 0,
    next_at timestamptz(3),
    created_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, endpoint_id) REFERENCES endpoints (tenant_id, id),
    CHECK ((state IN ('gathering', 'waiting')) = (next_at IS NOT NULL)),
    CHECK ((state IN ('gathering', 'waiting')) = (ended_at IS NULL))
  );
  CREATE UNIQUE INDEX deliveries_once ON deliveries (tenant_id, endpoint_id, event_id) WHERE kind = 'event';
  CREATE INDEX deliveries_due ON deliveries (tenant_id, endpoint_id, next_at, seq) WHERE next_at IS NOT NULL;
  CREATE INDEX deliveries_of_object ON deliveries (tenant_id, endpoint_id, object_key, seq) WHERE object_key IS NOT NULL;
  CREATE INDEX deliveries_by_state ON deliveries (tenant_id, endpoint_id, state, created_at DESC, id DESC);
  CREATE INDEX deliveries_by_time ON deliveries (tenant_id, created_at DESC, id DESC);
  CREATE INDEX deliveries_of_event ON deliveries (tenant_id, event_id) WHERE event_id IS NOT NULL;
  ${tenantTable('deliveries')};

  CREATE TABLE delivery_attempts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    at timestamptz(3) NOT NULL,
    -- sending: written before it goes out; still there after a crash, nobody knows whether it arrived.
    outcome text NOT NULL CHECK (outcome IN ('sending', 'accepted', 'failed', 'gone')),
    status integer,
    latency_ms integer,
    -- The start of what it answered, and why it failed, for people.
    answer text,
    why text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, delivery_id) REFERENCES deliveries (tenant_id, id) ON DELETE CASCADE
  );
  CREATE INDEX delivery_attempts_of_delivery ON delivery_attempts (tenant_id, delivery_id, id);
  CREATE INDEX delivery_attempts_of_endpoint ON delivery_attempts (tenant_id, endpoint_id, at DESC);
  ${tenantTable('delivery_attempts')};
`;
