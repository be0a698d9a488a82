import type { Catalogue, ForeignKey, Policy, Table } from './catalogue';

/** Tables that belong to no tenant. Everything else is a tenant's, without exception. */
export const WITHOUT_TENANT = ['data_keys', 'lanes', 'schema_history', 'workers'];
/** What the dispatcher works on, across tenants. */
export const DISPATCHER_TABLES = ['schedules', 'tasks', 'turns'];
/** Not even platform people read these. */
export const NOT_FOR_PLATFORM = ['idempotency_keys', 'plan_breakers', 'sessions', 'snapshots'];

/**
 * Indexes that do not begin with the tenant, each for its reason: what is unique in the whole service, and what the
 * dispatcher or the platform asks across tenants.
 */
const INDEXES_ACROSS_TENANTS = [
  'accounts_by_organization',
  'accounts_one_id',
  'accounts_one_owner',
  'api_tokens_hash_key',
  'deliveries_ended',
  'idempotency_keys_by_age',
  'identities_by_trusted_principal',
  'invitations_hash_key',
  'people_by_subject',
  'policy_previews_over',
  'schedules_due',
  'sessions_hash_key',
  'snapshots_by_end',
  'tasks_over',
  'tenants_name',
  'tenants_one_platform',
];

/** Functions of the owner that cross tenants, each narrow; anything else is refused. */
export const PLATFORM_FUNCTIONS = [
  'accept_transfer',
  'append_audit_entries_across',
  'apply_baseline_everywhere',
  'assert_platform',
  'assign_accounts',
  'create_tenant',
  'delivery_backlog',
  'oldest_unpublished_event',
  'prune_deliveries',
  'prune_plan_drafts',
  'prune_published_events',
  'prune_snapshots',
  'prune_what_is_over',
  'tenants_to_clean_up',
  'ticket_backlog',
  'update_account_tags',
  'upsert_organization_accounts',
];
export const TENANT_FUNCTIONS = [
  'append_audit_entries',
  'claim_account',
  'current_baseline',
  'hold_account_at_work',
  'memberships_of',
  'no_token_yet',
  'note_use',
  'paused_tenants',
  'tenants_with_unpublished_events',
  'platform_cleanup_pause',
  'record_account_left',
  'platform_cleanup_rules',
  'principal_of_token',
  'roles_of_mothball',
  'tenant_of_invitation',
  'trusted_in_other_tenants',
];

/** Of these, the ones that the platform's read-only login may run, too: they only read. */
export const READ_BY_PLATFORM = ['current_baseline', 'platform_cleanup_pause', 'platform_cleanup_rules'];

export const tenantColumnOf = (table: string): string => (table === 'tenants' ? 'id' : 'tenant_id');
export const tenantTables = (catalogue: Catalogue): Table[] =>
  catalogue.tables.filter(({ name }) => !WITHOUT_TENANT.includes(name));

/** The rules that keep tenants apart, as far as the catalogue shows them; one line for each that is broken. */
export function violations(catalogue: Catalogue): string[] {
  return [
    ...catalogue.otherRelations.map((name) => `${name}: a view or foreign table may go around row-level security`),
    ...catalogue.creators.map((grantee) => `${grantee} may create things in the schema`),
    ...catalogue.tables.filter(({ owner }) => owner !== 'mothball_owner').map(({ name }) => `${name}: not the owner's`),
    ...WITHOUT_TENANT.filter((name) => !catalogue.tables.some((table) => table.name === name)).map(
      (name) => `${name}: listed as without tenant, but there is no such table`,
    ),
    ...tenantTables(catalogue).flatMap((table) => tableViolations(catalogue, table)),
    ...grantViolations(catalogue),
    ...functionViolations(catalogue),
    ...catalogue.logins.flatMap(({ name, powers, memberOf }) => [
      ...powers.map((power) => `${name}: is ${power}`),
      ...memberOf.map((role) => `${name}: is a member of ${role}`),
    ]),
  ];
}

function tableViolations(catalogue: Catalogue, { name, enabled, forced }: Table): string[] {
  const column = tenantColumnOf(name);
  const policies = catalogue.policies.filter(({ table }) => table === name);
  const problems: string[] = [];
  if (!enabled) problems.push('row-level security is off');
  if (!forced) problems.push('row-level security does not hold the owner');
  const expected = [
    policy('mothball_owner', 'ALL', 'true', 'true'),
    policy('mothball_app', 'ALL', ofTenant(column), ofTenant(column)),
    ...(DISPATCHER_TABLES.includes(name) ? [policy('mothball_dispatcher', 'ALL', 'true', 'true')] : []),
    ...(NOT_FOR_PLATFORM.includes(name) ? [] : [policy('mothball_platform', 'SELECT', 'true', null)]),
  ];
  const present = policies.map(textOf);
  problems.push(
    ...expected.filter((one) => !present.includes(one)).map((one) => `lacks the policy ${one}`),
    ...present.filter((one) => !expected.includes(one)).map((one) => `has the policy ${one}`),
  );
  for (const index of catalogue.indexes.filter(({ table }) => table === name)) {
    if (index.firstColumn !== column && !INDEXES_ACROSS_TENANTS.includes(index.name)) {
      problems.push(`the index ${index.name} begins with ${index.firstColumn}`);
    }
  }
  problems.push(...catalogue.foreignKeys.filter(({ table }) => table === name).flatMap(foreignKeyViolations));
  return problems.map((problem) => `${name}: ${problem}`);
}

/** The tenant of what is referred to must be the row's own, or a row could hang on another tenant's. */
function foreignKeyViolations({ name, columns, target, targetColumns }: ForeignKey): string[] {
  if (target === 'tenants') return [];
  const at = targetColumns.indexOf(tenantColumnOf(target));
  return at >= 0 && columns[at] === 'tenant_id' ? [] : [`the foreign key ${name} does not carry the tenant`];
}

function grantViolations({ grants }: Catalogue): string[] {
  return grants.flatMap(({ table, grantee, verbs }) => {
    const allowed = allowedVerbs(table, grantee);
    return verbs.filter((verb) => !allowed.includes(verb)).map((verb) => `${table}: ${grantee} may ${verb}`);
  });
}

function allowedVerbs(table: string, grantee: string): readonly string[] {
  const ofTenants = !WITHOUT_TENANT.includes(table);
  switch (grantee) {
    case 'mothball_app':
      if (table === 'data_keys') return ['SELECT', 'INSERT', 'UPDATE'];
      return ofTenants ? ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] : [];
    case 'mothball_dispatcher':
      return DISPATCHER_TABLES.includes(table) || ['lanes', 'workers'].includes(table)
        ? ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
        : [];
    case 'mothball_platform':
      return ['data_keys', 'schema_history'].includes(table) || NOT_FOR_PLATFORM.includes(table) ? [] : ['SELECT'];
    default:
      return [];
  }
}

function functionViolations({ functions }: Catalogue): string[] {
  return functions
    .filter(({ definer }) => definer)
    .flatMap(({ name, settings, executors, owner }) => {
      const problems: string[] = [];
      if (![...PLATFORM_FUNCTIONS, ...TENANT_FUNCTIONS].includes(name)) problems.push('is not listed here');
      if (owner !== 'mothball_owner') problems.push(`belongs to ${owner}`);
      // pg_temp last: else a caller's temporary table would stand before the real one.
      if (!settings.includes('search_path=mothball, pg_temp')) problems.push('has no fixed search_path');
      problems.push(
        ...executors
          .filter(
            (role) => role !== 'mothball_app' && !(role === 'mothball_platform' && READ_BY_PLATFORM.includes(name)),
          )
          .map((role) => `can be run by ${role}`),
      );
      return problems.map((problem) => `${name}(): ${problem}`);
    });
}

const ofTenant = (column: string): string =>
  `(${column} = ( SELECT (current_setting('mothball.tenant_id'::text))::uuid AS current_setting))`;
const policy = (role: string, command: string, using: string, check: string | null): string =>
  `for ${command} to ${role} using ${using} check ${check ?? 'none'}`;
const textOf = ({ roles, command, using, check, permissive }: Policy): string =>
  `${policy(roles.join(', '), command, using ?? 'none', check)}${permissive ? '' : ' restrictive'}`;
