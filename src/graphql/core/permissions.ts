import type { Role } from '../../tenancy/principal';

interface Grant {
  /** The roles of a tenant's own people that may do it, in their tenant. */
  readonly tenant: readonly Role[];
  /** The platform's roles that may do it; where a tenant is changed, they name it. */
  readonly platform: readonly Role[];
  /** For people, when they may not. */
  readonly who: string;
}

/**
 * Who may do what: role × operation, all in one place. Each root field of the API names one of these operations with
 * `@Allow`; a field that names none cannot be reached. Approving and executing plans come with clean-up: their roles
 * (`approver`) get lines of their own here.
 */
export const OPERATIONS = {
  /** Looking at findings, inventory, accounts, scans, tasks and settings. */
  read: {
    tenant: ['admin', 'approver', 'viewer', 'auditor'],
    platform: ['admin', 'viewer'],
    who: 'every role',
  },
  /** Changing what belongs to one tenant: accounts, sweeps, tasks, policy, schedule. */
  'manage-tenant': {
    tenant: ['admin'],
    platform: ['admin'],
    who: 'the role ADMIN',
  },
  /** Looking at tokens, and making and revoking them. */
  'manage-tokens': {
    tenant: ['admin'],
    platform: ['admin'],
    who: 'the role ADMIN',
  },
  /** Looking at what only the platform has: its tenants, transfer requests. */
  'read-platform': {
    tenant: [],
    platform: ['admin', 'viewer'],
    who: 'platform tokens',
  },
  /** Changing what only the platform has: tenants, organizations, who owns an account. */
  'manage-platform': {
    tenant: [],
    platform: ['admin'],
    who: 'platform tokens with the role ADMIN',
  },
} as const satisfies Record<string, Grant>;

export type Operation = keyof typeof OPERATIONS;

export function isAllowed(operation: Operation, scope: 'tenant' | 'platform', role: Role): boolean {
  const roles: readonly Role[] = OPERATIONS[operation][scope];
  return roles.includes(role);
}
