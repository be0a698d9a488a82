import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** Tickets in other systems: the connections, what each ticket is about, every request, and what came in. */
export class Tickets1790000016000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(CONNECTIONS);
    await queryRunner.query(TICKETS);
    await queryRunner.query(BACKLOG);
    await queryRunner.query(MARKS);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}

const CONNECTIONS = `
  CREATE TABLE ticket_connections (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    system text NOT NULL CHECK (system IN ('jira', 'servicenow', 'github', 'pagerduty', 'template')),
    -- draft: not proven by a test ticket since its settings changed. paused: by people. disabled: the system refused us.
    -- removing: it closes what it has opened, and is gone then.
    state text NOT NULL CHECK (state IN ('draft', 'active', 'paused', 'disabled', 'removing')),
    state_why text,
    state_changed_at timestamptz(3) NOT NULL,
    settings jsonb NOT NULL,
    -- Null once the connection is removed: nothing is kept that could be used.
    credential_sealed bytea,
    inbound_secret_sealed bytea,
    -- Checks, severities, accounts, OUs, owners. What is missing asks for everything.
    filter jsonb NOT NULL,
    one_for text NOT NULL CHECK (one_for IN ('owner-and-check', 'finding', 'account')),
    new_only boolean NOT NULL,
    daily_cap integer NOT NULL CHECK (daily_cap BETWEEN 1 AND 10000),
    -- Whether it opens again what people set to done too early.
    reopens boolean NOT NULL,
    -- For how long an exemption is asked for when somebody closes a ticket as "won't do".
    exemption_days integer NOT NULL CHECK (exemption_days BETWEEN 1 AND 3650),
    -- Counts changes of settings and credential; a test ticket proves one of them.
    version integer NOT NULL DEFAULT 1,
    tested_version integer,
    -- The last test: its steps and what came of them.
    test jsonb,
    -- The first time; "new findings only" means those first seen since.
    activated_at timestamptz(3),
    -- When all of its tickets are next compared with all findings; null: not while it is a draft.
    remark_at timestamptz(3),
    -- Nothing is sent before.
    wait_until timestamptz(3),
    -- How often in a row it was not answered as it should be, the last time, and with what: an answer to a read ends trouble
    -- with reading only.
    failures integer NOT NULL DEFAULT 0,
    last_failure_at timestamptz(3),
    trouble_with text CHECK (trouble_with IN ('reading', 'writing')),
    -- Since when the system has refused us; null: it does not.
    refused_since timestamptz(3),
    -- Since when people want it gone, its tickets closed first; remembered while it is disabled.
    removal_at timestamptz(3),
    made_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    changed_at timestamptz(3) NOT NULL,
    deleted_at timestamptz(3),
    PRIMARY KEY (tenant_id, id)
  );
  CREATE UNIQUE INDEX ticket_connections_by_name ON ticket_connections (tenant_id, lower(name)) WHERE deleted_at IS NULL;
  ${tenantTable('ticket_connections')};
`;

const TICKETS = `
  -- One for each subject and generation of a connection; the next generation follows a ticket that cannot be opened again.
  CREATE TABLE tickets (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    -- "owner-and-check <owner> <check>", "finding <id>", "account <id>": what all time calls it by.
    subject text NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    -- What the other system finds it by; of connection, subject and generation, without any date.
    key text NOT NULL,
    one_for text NOT NULL CHECK (one_for IN ('owner-and-check', 'finding', 'account')),
    owner_id uuid,
    check_id text,
    finding_id uuid,
    account_id uuid,
    -- waiting: not opened there yet. followed: a successor took its place. released: its connection was removed.
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'open', 'closed', 'followed', 'released')),
    -- Why it was closed, for people.
    state_why text,
    title text,
    findings_count integer NOT NULL DEFAULT 0,
    -- What the other system says of it, as far as we have read or written it; its version only grows.
    remote_id text,
    reference text,
    url text,
    remote_state text CHECK (remote_state IN ('open', 'closed')),
    remote_closed_as text CHECK (remote_closed_as IN ('done', 'wont-do')),
    remote_version bigint,
    remote_changed_at timestamptz(3),
    -- The state that we wrote last (null: nothing, or the answer was lost), and the hash of the text that we wrote last.
    ours text CHECK (ours IN ('open', 'closed')),
    written_hash text,
    -- Grows with whatever may change what it should be; worked out up to seen_version.
    wanted_version integer NOT NULL DEFAULT 1,
    seen_version integer NOT NULL DEFAULT 0,
    wanted_open boolean NOT NULL DEFAULT false,
    wanted_hash text,
    -- What people did that we have to answer: closed it while findings are open, as done or as "won't do", or opened it
    -- when none is left. And how far the answer is.
    closing text CHECK (closing IN ('done', 'wont-do', 'opened')),
    reaction text CHECK (reaction IN ('rechecking', 'requested', 'told')),
    recheck_tasks uuid[],
    exemption_ids uuid[],
    -- What was rejected, and why: it stands still until that changes.
    rejected text,
    problem text,
    -- It is to be read, for something came in, or nobody has looked for a day.
    look_at timestamptz(3),
    next_at timestamptz(3),
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz(3),
    last_error text,
    opened_at timestamptz(3),
    closed_at timestamptz(3),
    created_at timestamptz(3) NOT NULL,
    changed_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES ticket_connections (tenant_id, id),
    CHECK ((remote_id IS NULL) = (state = 'waiting') OR state IN ('closed', 'released'))
  );
  CREATE UNIQUE INDEX tickets_once ON tickets (tenant_id, connection_id, subject, generation);
  CREATE UNIQUE INDEX tickets_current ON tickets (tenant_id, connection_id, subject)
    WHERE state NOT IN ('followed', 'released');
  CREATE INDEX tickets_due ON tickets (tenant_id, connection_id, next_at, id) WHERE next_at IS NOT NULL;
  CREATE INDEX tickets_unseen ON tickets (tenant_id, connection_id, subject)
    WHERE wanted_version > seen_version AND state NOT IN ('followed', 'released');
  CREATE INDEX tickets_to_look_at ON tickets (tenant_id, connection_id, look_at) WHERE look_at IS NOT NULL;
  CREATE INDEX tickets_opened ON tickets (tenant_id, connection_id, opened_at) WHERE opened_at IS NOT NULL;
  CREATE INDEX tickets_by_remote ON tickets (tenant_id, connection_id, remote_id) WHERE remote_id IS NOT NULL;
  CREATE INDEX tickets_by_state ON tickets (tenant_id, state, created_at DESC, id DESC);
  CREATE INDEX tickets_by_time ON tickets (tenant_id, created_at DESC, id DESC);
  ${tenantTable('tickets')};

  -- The open findings that a ticket speaks of; history of accounts that change hands, so without foreign keys to them.
  CREATE TABLE ticket_findings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    ticket_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    account_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, ticket_id, finding_id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id) ON DELETE CASCADE
  );
  CREATE INDEX ticket_findings_of_finding ON ticket_findings (tenant_id, finding_id);
  CREATE INDEX ticket_findings_of_account ON ticket_findings (tenant_id, account_id);
  ${tenantTable('ticket_findings')};

  -- Every request about a ticket. What would change something is written down before it goes out.
  CREATE TABLE ticket_steps (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    at timestamptz(3) NOT NULL,
    kind text NOT NULL CHECK (kind IN ('find', 'read', 'create', 'update', 'comment', 'close', 'reopen')),
    -- sending: still there after a crash, nobody knows whether it was done. settled: found out later.
    outcome text NOT NULL
      CHECK (outcome IN ('sending', 'done', 'nothing', 'refused', 'rejected', 'gone', 'busy', 'unknown', 'settled')),
    -- Why it was sent, and what was answered, for people.
    intent text NOT NULL,
    answer text,
    status integer,
    latency_ms integer,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id) ON DELETE CASCADE
  );
  CREATE INDEX ticket_steps_of_ticket ON ticket_steps (tenant_id, ticket_id, id);
  -- The rate limit counts these.
  CREATE INDEX ticket_steps_of_connection ON ticket_steps (tenant_id, connection_id, at)
    WHERE kind IN ('create', 'update', 'comment', 'close', 'reopen');
  CREATE INDEX ticket_steps_by_time ON ticket_steps (tenant_id, at);
  ${tenantTable('ticket_steps')};

  -- Signed messages that came in, so that each is heard once.
  CREATE TABLE inbound_messages (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    connection_id uuid NOT NULL,
    message_id text NOT NULL,
    at timestamptz(3) NOT NULL,
    -- Null: about no ticket of ours.
    ticket_id uuid,
    PRIMARY KEY (tenant_id, connection_id, message_id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES ticket_connections (tenant_id, id)
  );
  CREATE INDEX inbound_messages_by_time ON inbound_messages (tenant_id, at);
  ${tenantTable('inbound_messages', { appVerbs: ['SELECT', 'INSERT', 'DELETE'] })};
`;

const BACKLOG = `
  -- For operators: the tickets of all tenants on which something is to be done by that moment; ids and numbers only.
  CREATE FUNCTION ticket_backlog(by_then timestamptz)
    RETURNS TABLE (tenant_id uuid, connection_id uuid, system text, state text, due bigint, oldest_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    PERFORM assert_platform();
    -- One that failed and is tried again later is due all the while.
    RETURN QUERY SELECT c.tenant_id, c.id, c.system, c.state, count(*), min(least(t.next_at, t.failing_since))::timestamptz
      FROM ticket_connections c JOIN tickets t ON t.tenant_id = c.tenant_id AND t.connection_id = c.id
      WHERE c.deleted_at IS NULL AND t.next_at IS NOT NULL AND least(t.next_at, t.failing_since) <= by_then
      GROUP BY c.tenant_id, c.id, c.system, c.state;
  END $$;
  REVOKE ALL ON FUNCTION ticket_backlog(timestamptz) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION ticket_backlog(timestamptz) TO mothball_app;
`;

const MARKS = `
  -- Findings, or all of an account's, that have changed since tickets were last compared with them. Written by the
  -- database itself, so that no way of changing a finding, its owner or its account can forget it; never updated, so
  -- that two accounts that are judged at once do not wait for each other.
  CREATE TABLE ticket_marks (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    finding_id uuid,
    account_id uuid,
    PRIMARY KEY (tenant_id, id)
  );
  ${tenantTable('ticket_marks')};

  CREATE FUNCTION mark_new_findings() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    INSERT INTO ticket_marks (tenant_id, finding_id)
    SELECT f.tenant_id, f.id FROM now_there f
    WHERE f.status = 'open'
      AND EXISTS (SELECT 1 FROM ticket_connections c WHERE c.tenant_id = f.tenant_id AND c.deleted_at IS NULL);
    RETURN NULL;
  END $$;
  CREATE FUNCTION mark_former_findings() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    INSERT INTO ticket_marks (tenant_id, finding_id)
    SELECT f.tenant_id, f.id FROM there_before f
    WHERE f.status = 'open'
      AND EXISTS (SELECT 1 FROM ticket_connections c WHERE c.tenant_id = f.tenant_id AND c.deleted_at IS NULL);
    RETURN NULL;
  END $$;
  -- Both: a finding that goes to another tenant with its account leaves this one.
  CREATE FUNCTION mark_changed_findings() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    INSERT INTO ticket_marks (tenant_id, finding_id)
    SELECT f.tenant_id, f.id FROM (
      SELECT tenant_id, id FROM there_before WHERE status = 'open'
      UNION SELECT tenant_id, id FROM now_there WHERE status = 'open'
    ) f
    WHERE EXISTS (SELECT 1 FROM ticket_connections c WHERE c.tenant_id = f.tenant_id AND c.deleted_at IS NULL);
    RETURN NULL;
  END $$;
  CREATE TRIGGER mark_new_findings AFTER INSERT ON findings REFERENCING NEW TABLE AS now_there
    FOR EACH STATEMENT EXECUTE FUNCTION mark_new_findings();
  CREATE TRIGGER mark_former_findings AFTER DELETE ON findings REFERENCING OLD TABLE AS there_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_former_findings();
  CREATE TRIGGER mark_changed_findings AFTER UPDATE ON findings
    REFERENCING OLD TABLE AS there_before NEW TABLE AS now_there
    FOR EACH STATEMENT EXECUTE FUNCTION mark_changed_findings();

  -- A ticket says that what it speaks of is in quarantine.
  CREATE FUNCTION mark_quarantined() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    INSERT INTO ticket_marks (tenant_id, finding_id)
    SELECT f.tenant_id, f.id FROM findings f JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id
    WHERE f.tenant_id = NEW.tenant_id AND f.status = 'open' AND (i.id = NEW.id OR i.owner_id = NEW.id)
      AND EXISTS (SELECT 1 FROM ticket_connections c WHERE c.tenant_id = f.tenant_id AND c.deleted_at IS NULL);
    RETURN NULL;
  END $$;
  CREATE TRIGGER mark_quarantined AFTER UPDATE ON identities
    FOR EACH ROW WHEN (NEW.quarantined_at IS DISTINCT FROM OLD.quarantined_at) EXECUTE FUNCTION mark_quarantined();

  -- An account that leaves, moves to another unit, is renamed or changes hands.
  CREATE FUNCTION mark_account() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    INSERT INTO ticket_marks (tenant_id, account_id)
    SELECT DISTINCT c.tenant_id, NEW.id FROM ticket_connections c
    WHERE c.tenant_id IN (OLD.tenant_id, NEW.tenant_id) AND c.deleted_at IS NULL;
    RETURN NULL;
  END $$;
  CREATE TRIGGER mark_account AFTER UPDATE ON accounts
    FOR EACH ROW WHEN ((NEW.tenant_id, NEW.status, NEW.ou_path, NEW.name)
      IS DISTINCT FROM (OLD.tenant_id, OLD.status, OLD.ou_path, OLD.name)) EXECUTE FUNCTION mark_account();
`;
