import type { Client } from 'pg';

/** What the catalogue says of the schema, as plain rows. */
export interface Table {
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly owner: string;
}

export interface Policy {
  readonly table: string;
  readonly name: string;
  readonly permissive: boolean;
  readonly command: string;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

export interface Index {
  readonly table: string;
  readonly name: string;
  readonly firstColumn: string;
}

export interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly target: string;
  readonly targetColumns: readonly string[];
}

export interface Grant {
  readonly table: string;
  readonly grantee: string;
  readonly verbs: readonly string[];
}

export interface DefinerFunction {
  readonly name: string;
  readonly definer: boolean;
  readonly owner: string;
  readonly settings: readonly string[];
  readonly executors: readonly string[];
  /** `claim_account(NULL::uuid, NULL::uuid)`. */
  readonly emptyCall: string;
}

export interface Login {
  readonly name: string;
  readonly powers: readonly string[];
  readonly memberOf: readonly string[];
  readonly settings: readonly string[];
}

export interface Catalogue {
  readonly tables: readonly Table[];
  readonly otherRelations: readonly string[];
  readonly policies: readonly Policy[];
  readonly indexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly grants: readonly Grant[];
  readonly functions: readonly DefinerFunction[];
  readonly logins: readonly Login[];
  /** Who may make things in the schema, its owner aside. */
  readonly creators: readonly string[];
}

/** Reads everything that keeps tenants apart. Needs a login that sees the whole catalogue. */
export async function readCatalogue(client: Client): Promise<Catalogue> {
  const read = async <T>(statement: string): Promise<T[]> => (await client.query(statement)).rows as T[];
  const classes = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'mothball'`;
  return {
    tables: await read(
      `SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced, c.relowner::regrole::text AS owner
       FROM ${classes} WHERE c.relkind IN ('r', 'p') ORDER BY 1`,
    ),
    otherRelations: (
      await read<{ name: string }>(`SELECT c.relname AS name FROM ${classes} WHERE c.relkind IN ('v', 'm', 'f')`)
    ).map(({ name }) => name),
    policies: await read(
      `SELECT tablename AS table, policyname AS name, permissive = 'PERMISSIVE' AS permissive, cmd AS command,
              roles::text[] AS roles, qual AS using, with_check AS check
       FROM pg_policies WHERE schemaname = 'mothball' ORDER BY 1, 2`,
    ),
    indexes: await read(
      `SELECT c.relname AS table, x.relname AS name, pg_get_indexdef(i.indexrelid, 1, true) AS "firstColumn"
       FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN ${classes} ON c.oid = i.indrelid ORDER BY 1, 2`,
    ),
    foreignKeys: await read(
      `SELECT c.relname AS table, k.conname AS name, t.relname AS target,
         ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (no, place)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.no ORDER BY place) AS columns,
         ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (no, place)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.no ORDER BY place) AS "targetColumns"
       FROM pg_constraint k JOIN ${classes} ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
       WHERE k.contype = 'f' ORDER BY 1, 2`,
    ),
    grants: await read(
      `SELECT c.relname AS table, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee,
              array_agg(a.privilege_type ORDER BY a.privilege_type) AS verbs
       FROM ${classes}, aclexplode(c.relacl) a
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.grantee <> c.relowner GROUP BY 1, 2 ORDER BY 1, 2`,
    ),
    functions: await read(
      `SELECT p.proname AS name, p.prosecdef AS definer, p.proowner::regrole::text AS owner,
         coalesce(p.proconfig, '{}') AS settings,
         ARRAY(SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
               FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
               WHERE a.grantee <> p.proowner AND a.privilege_type = 'EXECUTE') AS executors,
         format('%I.%I(%s)', n.nspname, p.proname,
           (SELECT string_agg('NULL::' || format_type(t, NULL), ', ') FROM unnest(p.proargtypes) t)) AS "emptyCall"
       FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'mothball' ORDER BY 1`,
    ),
    logins: await read(
      `SELECT r.rolname AS name, coalesce(r.rolconfig, '{}') AS settings,
         ARRAY(SELECT m.roleid::regrole::text FROM pg_auth_members m WHERE m.member = r.oid) AS "memberOf",
         ARRAY(SELECT power FROM (VALUES ('superuser', rolsuper), ('bypassrls', rolbypassrls), ('createrole', rolcreaterole),
           ('createdb', rolcreatedb), ('replication', rolreplication)) v (power, has) WHERE has) AS powers
       FROM pg_roles r WHERE r.rolname LIKE 'mothball%' ORDER BY 1`,
    ),
    creators: (
      await read<{ grantee: string }>(
        `SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
         FROM pg_namespace n, aclexplode(n.nspacl) a
         WHERE n.nspname = 'mothball' AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner`,
      )
    ).map(({ grantee }) => grantee),
  };
}
