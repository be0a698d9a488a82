import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls-v1';

/** Whose things are, and what is spared: owners and the rules that find them, exemptions; both shown on findings. */
export class Exemptions1790000010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE owners (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        name text NOT NULL CHECK (name <> ''),
        contact text,
        notes text,
        created_at timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant_id, id)
      );
      CREATE UNIQUE INDEX owners_by_name ON owners (tenant_id, lower(name));
      ${tenantTable('owners', { appVerbs: ['SELECT', 'INSERT', 'UPDATE'] })};

      -- The first rule that gives an owner decides. A tenant without rules has the built-in ones.
      CREATE TABLE owner_rules (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        position integer NOT NULL,
        kind text NOT NULL CHECK (kind IN
          ('identity-tag', 'account-tag', 'path-prefix', 'path-segment', 'glob', 'account', 'organizational-unit')),
        -- Of tags: the keys, the first one that is there decides.
        keys text[],
        -- The prefix, glob, AWS account id or path of the organizational unit.
        value text,
        -- Of a path: which of its parts, counted from 1, is the owner's name.
        segment integer CHECK (segment >= 1),
        owner_id uuid,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, owner_id) REFERENCES owners (tenant_id, id)
      );
      CREATE UNIQUE INDEX owner_rules_in_order ON owner_rules (tenant_id, position);
      CREATE INDEX owner_rules_by_owner ON owner_rules (tenant_id, owner_id) WHERE owner_id IS NOT NULL;
      ${tenantTable('owner_rules')};

      -- What people said of one user or role, by its unique id; stands above all rules. No owner: nobody's.
      CREATE TABLE owner_pins (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        unique_id text NOT NULL,
        owner_id uuid,
        note text,
        pinned_by text NOT NULL,
        pinned_at timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant_id, unique_id),
        FOREIGN KEY (tenant_id, owner_id) REFERENCES owners (tenant_id, id)
      );
      CREATE INDEX owner_pins_by_owner ON owner_pins (tenant_id, owner_id) WHERE owner_id IS NOT NULL;
      ${tenantTable('owner_pins')};

      -- Never deleted: who spared what, why and until when must be known afterwards.
      CREATE TABLE exemptions (
        tenant_id uuid NOT NULL REFERENCES tenants (id),
        id uuid NOT NULL,
        scope_kind text NOT NULL CHECK (scope_kind IN ('identity', 'glob', 'tag', 'account')),
        -- A unique id (AIDA…, AROA…, AKIA…), a glob on path and name, a tag's key, or an AWS account id.
        scope_value text NOT NULL,
        -- A glob on the tag's value; null: any.
        tag_value text,
        -- Null: not limited.
        checks text[],
        kinds text[],
        accounts text[],
        organizational_units text[],
        reason text NOT NULL,
        owner_id uuid NOT NULL,
        -- pending: waits for a second person; ended: by somebody (ended_by) or by its date.
        state text NOT NULL CHECK (state IN ('pending', 'in-force', 'refused', 'ended')),
        made_by text NOT NULL,
        made_by_stands_for text NOT NULL,
        made_at timestamptz(3) NOT NULL,
        ends_at timestamptz(3) NOT NULL,
        agreed_by text,
        agreed_by_stands_for text,
        agreed_at timestamptz(3),
        -- A later end that waits for a second person.
        proposed_ends_at timestamptz(3),
        proposed_by text,
        proposed_by_stands_for text,
        ended_by text,
        ended_at timestamptz(3),
        end_note text,
        -- The end that was announced so many days before.
        announced_14_days timestamptz(3),
        announced_3_days timestamptz(3),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, owner_id) REFERENCES owners (tenant_id, id),
        CHECK (tag_value IS NULL OR scope_kind = 'tag'),
        CHECK ((proposed_ends_at IS NULL) = (proposed_by IS NULL))
      );
      CREATE INDEX exemptions_by_end ON exemptions (tenant_id, ends_at, id);
      CREATE INDEX exemptions_by_owner ON exemptions (tenant_id, owner_id);
      CREATE INDEX exemptions_open ON exemptions (tenant_id, state) WHERE state IN ('pending', 'in-force');
      ${tenantTable('exemptions', { appVerbs: ['SELECT', 'INSERT', 'UPDATE'] })};

      ALTER TABLE findings
        ADD COLUMN exemption_id uuid,
        ADD COLUMN owner_id uuid,
        ADD FOREIGN KEY (tenant_id, exemption_id) REFERENCES exemptions (tenant_id, id),
        ADD FOREIGN KEY (tenant_id, owner_id) REFERENCES owners (tenant_id, id);
      CREATE INDEX findings_by_exemption ON findings (tenant_id, exemption_id) WHERE exemption_id IS NOT NULL;
      CREATE INDEX findings_by_owner ON findings (tenant_id, owner_id) WHERE owner_id IS NOT NULL;

      -- An account that is assigned to another tenant takes its findings along, by cascading foreign keys. Exemptions and
      -- owners stay with the tenant that made them, and what they say is not for the next one to read.
      CREATE FUNCTION leave_exemption_and_owner() RETURNS trigger
        LANGUAGE plpgsql SET search_path = mothball, pg_temp
      AS $$
      BEGIN
        IF NEW.tenant_id = OLD.tenant_id THEN RETURN NEW; END IF;
        IF OLD.exemption_id IS NOT NULL AND OLD.status = 'exempt' THEN
          NEW.status := 'open';
        END IF;
        IF OLD.exemption_id IS NOT NULL THEN NEW.exempt_reason := NULL; END IF;
        NEW.exemption_id := NULL;
        NEW.owner_id := NULL;
        RETURN NEW;
      END $$;
      CREATE TRIGGER findings_leave_exemption_and_owner BEFORE UPDATE OF tenant_id ON findings
        FOR EACH ROW EXECUTE FUNCTION leave_exemption_and_owner();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations run forward only: restore a backup instead.');
  }
}
