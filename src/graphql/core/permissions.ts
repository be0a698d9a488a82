import { DomainError } from '../../errors';
import type { Principal, Role } from '../../tenancy/principal';

interface Grant {
  /** For people: what it is. */
  readonly what: string;
  /** The roles of a tenant's own people that may do it, in their tenant. */
  readonly tenant: readonly Role[];
  /** The platform's roles that may do it; where a tenant is changed, they name it. */
  readonly platform: readonly Role[];
  /** For people, when they may not. */
  readonly who: string;
}

/**
 * Who may do what: role × operation, all in one place. Each field of the API that a method resolves names one of these
 * operations with `@Allow`; one that names none cannot be reached.
 */
export const OPERATIONS = {
  join: {
    what: 'Accepting an invitation. Also for people who have signed in and belong to no tenant yet; not for API tokens.',
    tenant: ['admin', 'approver', 'viewer', 'auditor'],
    platform: ['admin', 'viewer'],
    who: 'everybody who has signed in',
  },
  read: {
    what: 'Looking at findings, inventory, accounts, scans, tasks, policies, exemptions, settings, events, deliveries and tickets.',
    tenant: ['admin', 'approver', 'viewer', 'auditor'],
    platform: ['admin', 'viewer'],
    who: 'every role',
  },
  'read-audit-log': {
    what: 'Looking at the audit log, verifying and exporting it.',
    tenant: ['admin', 'auditor'],
    platform: ['admin', 'viewer'],
    who: 'the roles ADMIN and AUDITOR, and platform people',
  },
  operate: {
    what: 'Having things looked at: sweeps, scans, rechecks, previews; cancelling and retrying tasks.',
    tenant: ['admin', 'approver'],
    platform: ['admin'],
    who: 'the roles ADMIN and APPROVER',
  },
  'manage-accounts': {
    what: 'Registering accounts, their roles, their verification.',
    tenant: ['admin'],
    platform: ['admin'],
    who: 'the role ADMIN',
  },
  'manage-policies': {
    what: 'Changing policies, schedules, owners’ mapping and the tenant’s settings.',
    tenant: ['admin'],
    platform: ['admin'],
    who: 'the role ADMIN',
  },
  exempt: {
    what: 'Asking for exemptions, ending them, and saying whose something is.',
    tenant: ['admin', 'approver'],
    platform: ['admin'],
    who: 'the roles ADMIN and APPROVER',
  },
  agree: {
    what: 'Agreeing, as a second person, to what somebody else has proposed.',
    tenant: ['admin', 'approver'],
    platform: ['admin'],
    who: 'the roles ADMIN and APPROVER',
  },
  plan: {
    what: 'Making, proposing and cancelling plans, pausing clean-up, having something restored.',
    tenant: ['admin', 'approver'],
    platform: ['admin'],
    who: 'the roles ADMIN and APPROVER',
  },
  approve: {
    what: 'Approving or refusing, as a second person, a plan that somebody else has proposed; resuming a halted one, or a halted item.',
    tenant: ['admin', 'approver'],
    platform: ['admin'],
    who: 'the roles ADMIN and APPROVER',
  },
  'read-notifications': {
    what: 'Looking at where notifications go and what was answered: settings of endpoints and connections, attempts and requests.',
    tenant: ['admin', 'approver', 'auditor'],
    platform: ['admin', 'viewer'],
    who: 'the roles ADMIN, APPROVER and AUDITOR, and platform people',
  },
  'manage-notifications': {
    what: 'Changing who hears of what: endpoints and their secrets, tests, replays, connections to ticketing systems.',
    tenant: ['admin'],
    platform: ['admin'],
    who: 'the role ADMIN',
  },
  'manage-people': {
    what: 'Looking at people, invitations and tokens, and making and ending them.',
    tenant: ['admin'],
    platform: ['admin'],
    who: 'the role ADMIN',
  },
  'read-platform': {
    what: 'Looking at what only the platform has: its tenants, transfer requests.',
    tenant: [],
    platform: ['admin', 'viewer'],
    who: 'platform people and tokens',
  },
  'manage-platform': {
    what: 'Changing what only the platform has: tenants, organizations, who owns an account, the baseline.',
    tenant: [],
    platform: ['admin'],
    who: 'platform people and tokens with the role ADMIN',
  },
} as const satisfies Record<string, Grant>;

export type Operation = keyof typeof OPERATIONS;

export function isAllowed(operation: Operation, scope: 'tenant' | 'platform', role: Role): boolean {
  const roles: readonly Role[] = OPERATIONS[operation][scope];
  return roles.includes(role);
}

/** @throws FORBIDDEN, saying for whom it is. */
export function mustBeAllowed(operation: Operation, { scope, role, kind, name }: Principal): void {
  if (isAllowed(operation, scope, role)) return;
  const own = `${scope} ${role.toUpperCase()}`;
  const who = kind === 'token' ? `your token "${name}" is ${own}` : `you are ${own}`;
  throw new DomainError('FORBIDDEN', `This is for ${OPERATIONS[operation].who}; ${who}.`);
}
