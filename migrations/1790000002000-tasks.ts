import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** What must still be done (tasks, lanes, schedules), who does it (workers), and what has happened (events). */
export class Tasks1790000002000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE tasks (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind <> ''),
        payload jsonb NOT NULL,
        state text NOT NULL DEFAULT 'waiting'
          CHECK (state IN ('waiting', 'admitted', 'running', 'done', 'failed', 'cancelled')),
        priority smallint NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 2),
        lane text,
        lane_slots smallint NOT NULL DEFAULT 1 CHECK (lane_slots BETWEEN 1 AND 100),
        dedupe_key text,
        -- Asked for once more since the run began: it then waits again instead of being over.
        again boolean NOT NULL DEFAULT false,
        due_at timestamptz(3) NOT NULL DEFAULT now(),
        -- Which hand-over to the carrier is valid; an older one that turns up is dropped.
        admission integer NOT NULL DEFAULT 0,
        admitted_at timestamptz(3),
        -- Which run may write results.
        fence integer NOT NULL DEFAULT 0,
        attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        crashes integer NOT NULL DEFAULT 0,
        worker_id uuid,
        error_code text,
        error_message text,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        started_at timestamptz(3),
        finished_at timestamptz(3),
        PRIMARY KEY (tenant_id, id),
        CHECK ((state = 'running') = (worker_id IS NOT NULL)),
        CHECK ((state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
        CHECK (state <> 'failed' OR error_code IS NOT NULL)
      );
      CREATE UNIQUE INDEX tasks_one_open ON tasks (tenant_id, kind, dedupe_key)
        WHERE dedupe_key IS NOT NULL AND state IN ('waiting', 'admitted', 'running');
      CREATE INDEX tasks_due ON tasks (tenant_id, priority, due_at, id) WHERE state = 'waiting';
      CREATE INDEX tasks_in_flight ON tasks (tenant_id) WHERE state IN ('admitted', 'running');
      CREATE INDEX tasks_failed ON tasks (tenant_id, finished_at DESC, id) WHERE state = 'failed';
      ${tenantTable('tasks', { dispatcher: 'write', appVerbs: ['SELECT', 'INSERT', 'UPDATE'] })};

      -- When each tenant was last admitted: the least recent goes first.
      CREATE TABLE turns (
        tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
        admitted_at timestamptz NOT NULL
      );
      ${tenantTable('turns', { dispatcher: 'write', appVerbs: ['SELECT'] })};

      -- What may not run twice at once, over all tenants. A lane that nobody holds has no row.
      CREATE TABLE lanes (
        name text NOT NULL,
        slot smallint NOT NULL CHECK (slot >= 1),
        slots smallint NOT NULL CHECK (slots >= 1),
        holder uuid NOT NULL,
        fence bigint NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (name, slot)
      );
      CREATE SEQUENCE lane_fences;
      GRANT SELECT, INSERT, UPDATE, DELETE ON lanes TO mothball_dispatcher;
      GRANT USAGE ON SEQUENCE lane_fences TO mothball_dispatcher;
      GRANT SELECT ON lanes TO mothball_platform;

      CREATE TABLE workers (
        id uuid PRIMARY KEY,
        slots smallint NOT NULL CHECK (slots >= 0),
        seen_at timestamptz NOT NULL,
        -- From here on its runs count as lost.
        expires_at timestamptz NOT NULL
      );
      GRANT SELECT, INSERT, UPDATE, DELETE ON workers TO mothball_dispatcher;
      GRANT SELECT ON workers TO mothball_platform;

      CREATE TABLE schedules (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind <> ''),
        -- Tells several schedules of one kind apart, for example by the organization they are for.
        subject text NOT NULL DEFAULT '',
        cron text NOT NULL,
        timezone text NOT NULL DEFAULT 'UTC',
        payload jsonb NOT NULL,
        enabled boolean NOT NULL DEFAULT true,
        next_due_at timestamptz(3) NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, kind, subject)
      );
      CREATE INDEX schedules_due ON schedules (next_due_at) WHERE enabled;
      ${tenantTable('schedules', { dispatcher: 'write' })};

      CREATE TABLE events (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        type text NOT NULL CHECK (type <> ''),
        object_type text NOT NULL,
        object_id text NOT NULL,
        data jsonb NOT NULL,
        at timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant_id, id)
      );
      CREATE INDEX events_of_object ON events (tenant_id, object_type, object_id, id);
      CREATE INDEX events_of_type ON events (tenant_id, type, id);
      ${tenantTable('events', { appVerbs: ['SELECT', 'INSERT'] })};
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
