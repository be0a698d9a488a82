import type { Role } from '../principal';

/** Somebody who has signed in and belongs to a tenant, as it is stored. */
export interface PersonRow {
  tenant_id: string;
  id: string;
  issuer: string;
  subject: string;
  name: string;
  email: string | null;
  role: Role | null;
  role_expires_at: Date | null;
  mapped_role: Role | null;
  first_seen_at: Date;
  last_seen_at: Date;
  ended_at: Date | null;
}

export interface InvitationRow {
  tenant_id: string;
  id: string;
  role: Role;
  role_days: number | null;
  email: string | null;
  created_by_name: string;
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
  accepted_at: Date | null;
  accepted_by: string | null;
}

/** Auditors come for a while: their roles and tokens end by themselves. */
export const AUDITOR_DAYS = { usual: 30, most: 90 } as const;

export const PLATFORM_ROLES: readonly Role[] = ['admin', 'viewer'];

/**
 * What somebody is in a tenant: what was given there counts for more than their groups, and an end for more than either.
 */
export function roleOf(
  row: Pick<PersonRow, 'role' | 'role_expires_at' | 'ended_at'>,
  mapped: Role | null,
  at: Date,
): { role: Role; expiresAt: Date | null } | null {
  if (row.ended_at !== null) return null;
  const holds = row.role !== null && (row.role_expires_at === null || row.role_expires_at > at);
  if (holds && row.role !== null) return { role: row.role, expiresAt: row.role_expires_at };
  return mapped === null ? null : { role: mapped, expiresAt: null };
}
