/**
 * Row-level security of a tenant table, as every table has it. Part of the schema's history: never edit it once it is
 * released; a new form is a new function in a new file.
 */
export interface TenantTableOptions {
  /** What the dispatcher's login may do across tenants; default nothing. */
  dispatcher?: 'read' | 'write';
  /** Whether platform people may read it across tenants; default true. */
  platform?: boolean;
  /** What the app's login may do within its tenant; default all four. */
  appVerbs?: readonly ('SELECT' | 'INSERT' | 'UPDATE' | 'DELETE')[];
  /** The column that holds the tenant; default `tenant_id`. */
  column?: string;
}

/**
 * The tenant of the transaction. No `missing_ok`: an unset tenant is an error ("unrecognized configuration parameter",
 * or "invalid input syntax" where an earlier transaction of the session had one), never "all rows".
 */
export const CURRENT_TENANT = "(select current_setting('mothball.tenant_id')::uuid)";

export function tenantTable(table: string, options: TenantTableOptions = {}): string {
  const column = options.column ?? 'tenant_id';
  const verbs = options.appVerbs ?? ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
  const statements = [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
    // Without a policy of its own, a data migration under FORCE would silently touch nothing.
    `CREATE POLICY ${table}_owner ON ${table} TO mothball_owner USING (true) WITH CHECK (true)`,
    `CREATE POLICY ${table}_app ON ${table} TO mothball_app
       USING (${column} = ${CURRENT_TENANT}) WITH CHECK (${column} = ${CURRENT_TENANT})`,
    `GRANT ${verbs.join(', ')} ON ${table} TO mothball_app`,
  ];
  if (options.dispatcher) {
    statements.push(
      `CREATE POLICY ${table}_dispatcher ON ${table} TO mothball_dispatcher USING (true) WITH CHECK (true)`,
      `GRANT SELECT${options.dispatcher === 'write' ? ', INSERT, UPDATE, DELETE' : ''} ON ${table} TO mothball_dispatcher`,
    );
  }
  if (options.platform ?? true) {
    statements.push(
      `CREATE POLICY ${table}_platform ON ${table} FOR SELECT TO mothball_platform USING (true)`,
      `GRANT SELECT ON ${table} TO mothball_platform`,
    );
  }
  return statements.join(';\n');
}
