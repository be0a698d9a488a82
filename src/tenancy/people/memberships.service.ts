import { Injectable } from '@nestjs/common';
import { Clock } from '../../clock';
import { DomainError } from '../../errors';
import { newId } from '../../ids';
import { actingAs, type Actor } from '../actor';
import { AuditLog } from '../audit-log.service';
import { type Choice, type Credential, type Identity, standsFor } from '../credential';
import { type MappedRoles, mapRoles } from '../oidc/role-mapping';
import { OidcSettings } from '../oidc/oidc-settings';
import type { Role } from '../principal';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../tenant-database';
import { type PersonRow, PLATFORM_ROLES, roleOf } from './person';

type KnownRow = Pick<PersonRow, 'tenant_id' | 'email' | 'role' | 'role_expires_at' | 'mapped_role' | 'ended_at'> & {
  tenant_name: string;
  tenant_kind: 'platform' | 'customer';
  person_id: string | null;
  name: string | null;
};

interface Membership extends Choice {
  readonly known: KnownRow;
  readonly mapped: Role | null;
  readonly expiresAt: Date | null;
}

/** Somebody in more tenants than that is one of the platform's, in effect. */
const MOST_NOTED = 50;

/** Which tenants somebody who has signed in belongs to, and as whom they act there. */
@Injectable()
export class Memberships {
  constructor(
    private readonly database: TenantDatabase,
    private readonly settings: OidcSettings,
    private readonly auditLog: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * As whom somebody acts in the tenant that `wanted` names (its id or name; none needed where there is one only).
   * Throws NOT_A_MEMBER, or TENANT_NOT_CHOSEN with the choices.
   */
  async credentialOf(identity: Identity, wanted: string | null): Promise<Credential> {
    const memberships = await this.of(identity);
    const chosen = choose(memberships, wanted, identity);
    const personId = await this.remember(identity, chosen);
    const ends = [identity.expiresAt, chosen.expiresAt].filter((one) => one !== null);
    return {
      principal: {
        kind: 'person',
        id: personId,
        name: identity.name,
        scope: chosen.kind === 'platform' ? 'platform' : 'tenant',
        tenantId: chosen.tenantId,
        tenantName: chosen.tenantName,
        role: chosen.role,
        standsFor: standsFor(identity),
      },
      email: identity.email,
      expiresAt: new Date(Math.min(...ends.map((one) => one.getTime()))),
      endsWith: [personId, ...(identity.sessionId === null ? [] : [identity.sessionId])],
      choices: memberships.map(({ tenantId, tenantName, kind, role }) => ({ tenantId, tenantName, kind, role })),
    };
  }

  /** The tenants that somebody belongs to. */
  async choicesOf(identity: Identity): Promise<readonly Choice[]> {
    return this.of(identity);
  }

  /** Notes that somebody has signed in with a browser: in their tenants; in the platform's where they have none. */
  async noteSignIn(identity: Identity, origin: Pick<Actor, 'requestId' | 'sourceAddress'>): Promise<void> {
    const { name, email, issuer, sessionId } = identity;
    const memberships = (await this.of(identity)).slice(0, MOST_NOTED);
    const after = { email, issuer, sessionId };
    const note = (tenantId: string, id: string, role: Role | null): Promise<void> =>
      actingAs({ kind: 'person', id, name, tenantId, role, standsFor: standsFor(identity), ...origin }, () =>
        this.database.inTenant(tenantId, async (manager) => {
          const object = { type: 'Person', id };
          this.auditLog.note(manager, { action: 'sign-in.succeeded', object, before: null, after });
        }),
      );
    for (const one of memberships) await note(one.tenantId, await this.remember(identity, one), one.role);
    if (memberships.length === 0) await note(PLATFORM_TENANT_ID, identity.subject, null);
  }

  private async of(identity: Identity): Promise<Membership[]> {
    const rules = this.settings.issuers.find(({ issuer }) => issuer === identity.issuer)?.roles ?? [];
    const roles = mapRoles(rules, identity.claims);
    const rows = await this.database.ofNoTenant((manager) =>
      manager.query<KnownRow[]>('SELECT * FROM memberships_of($1, $2, $3, $4)', [
        identity.issuer,
        identity.subject,
        [...roles.tenants.keys()],
        roles.platform !== null,
      ]),
    );
    const now = this.clock.now();
    return rows.flatMap((known) => membership(known, roles, now) ?? []);
  }

  /** The person's row in the tenant, made at the first visit, and brought up to date at later ones. */
  private async remember(identity: Identity, { known, mapped }: Membership): Promise<string> {
    const { person_id: id, name, email, mapped_role: before, tenant_id: tenantId } = known;
    if (id !== null && name === identity.name && email === identity.email && before === mapped) return id;
    const now = this.clock.now();
    return this.database.inTenant(tenantId, async (manager) => {
      const [row] = await manager.query<{ id: string; is_new: boolean }[]>(
        `INSERT INTO people (tenant_id, id, issuer, subject, name, email, mapped_role, first_seen_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
         ON CONFLICT (tenant_id, issuer, subject) DO UPDATE
           SET name = excluded.name, email = excluded.email, mapped_role = excluded.mapped_role
         RETURNING id, xmax = 0 AS is_new`,
        [tenantId, newId(), identity.issuer, identity.subject, identity.name, identity.email, mapped, now],
      );
      if (!row) throw new Error('INSERT … RETURNING gave no row');
      if (row.is_new || before !== mapped) {
        this.auditLog.note(manager, {
          action: row.is_new ? 'person.joined-by-group' : 'person.group-role-changed',
          object: { type: 'Person', id: row.id },
          before: row.is_new ? null : { role: before },
          after: { name: identity.name, email: identity.email, issuer: identity.issuer, role: mapped },
        });
      }
      return row.id;
    });
  }
}

function membership(known: KnownRow, roles: MappedRoles, now: Date): Membership | null {
  const mapped =
    known.tenant_kind === 'platform' ? roles.platform : (roles.tenants.get(known.tenant_name.toLowerCase()) ?? null);
  const held = roleOf(known, mapped, now);
  if (held === null || (known.tenant_kind === 'platform' && !PLATFORM_ROLES.includes(held.role))) return null;
  return {
    tenantId: known.tenant_id,
    tenantName: known.tenant_name,
    kind: known.tenant_kind,
    role: held.role,
    expiresAt: held.expiresAt,
    known,
    mapped,
  };
}

function choose(memberships: readonly Membership[], wanted: string | null, { name, email }: Identity): Membership {
  const listed = memberships.map(({ tenantName }) => `"${tenantName}"`).join(', ');
  if (memberships.length === 0) {
    throw new DomainError(
      'NOT_A_MEMBER',
      `You are signed in as ${name}${email ? ` (${email})` : ''}, but belong to no tenant. Accept an invitation, or ask an administrator to have one of your groups mapped.`,
    );
  }
  const [first] = memberships;
  if (wanted === null) {
    if (first && memberships.length === 1) return first;
    throw new DomainError(
      'TENANT_NOT_CHOSEN',
      `Mothball-Tenant: you belong to several tenants; name one of them in this header: ${listed}.`,
    );
  }
  const found = memberships.find(
    ({ tenantId, tenantName }) => tenantId === wanted || tenantName.toLowerCase() === wanted.toLowerCase(),
  );
  if (found) return found;
  throw new DomainError(
    'TENANT_NOT_CHOSEN',
    `Mothball-Tenant: this is none of your tenants; name one of them in this header: ${listed}.`,
  );
}
