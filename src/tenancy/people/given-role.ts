import { badInput } from '../../errors';
import type { Role } from '../principal';
import { PLATFORM_TENANT_ID } from '../tenant-database';
import { AUDITOR_DAYS, PLATFORM_ROLES } from './person';

export interface GivenRole {
  readonly role: Role;
  /** Null: until somebody ends it. */
  readonly days: number | null;
}

/** What may be given in a tenant, with the days that an auditor's role must have. Throws BAD_INPUT. */
export function checkedRole(tenantId: string, { role, days }: GivenRole): GivenRole {
  if (tenantId === PLATFORM_TENANT_ID && !PLATFORM_ROLES.includes(role)) {
    throw badInput('role: the platform’s people are ADMIN or VIEWER.');
  }
  const most = role === 'auditor' ? AUDITOR_DAYS.most : 3_650;
  const wanted = days ?? (role === 'auditor' ? AUDITOR_DAYS.usual : null);
  if (wanted !== null && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= most)) {
    throw badInput(`roleDays: must be from 1 to ${most}${role === 'auditor' ? ' for an auditor' : ''}.`);
  }
  return { role, days: wanted };
}
