import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../clock';
import { badInput, DomainError, notFound } from '../../errors';
import { newId } from '../../ids';
import { actingAs, type Actor } from '../actor';
import { AuditLog } from '../audit-log.service';
import { hashOfSecret, newBearerSecret } from '../bearer-secret';
import { type Identity, standsFor } from '../credential';
import type { Principal, Role } from '../principal';
import { announceEnd } from '../revocations';
import { TenantDatabase } from '../tenant-database';
import { checkedRole, type GivenRole } from './given-role';
import type { InvitationRow } from './person';

export interface NewInvitation extends GivenRole {
  /** Whom it is for; null: whoever has the link. */
  readonly email: string | null;
  readonly expiresInDays: number | null;
}

export interface Joined {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly role: Role;
  readonly personId: string;
}

const USUAL_DAYS = 7;
const MOST_DAYS = 30;
const PREFIX = 'invitation_';

/** Links by which people come into a tenant that have no mapped group: each good for one person, once, for some days. */
@Injectable()
export class Invitations {
  constructor(
    private readonly database: TenantDatabase,
    private readonly auditLog: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Makes one in the caller's transaction. The secret is in the answer and nowhere else. Throws BAD_INPUT. */
  async create(
    manager: EntityManager,
    tenantId: string,
    by: Pick<Principal, 'name' | 'standsFor'>,
    wanted: NewInvitation,
  ): Promise<{ id: string; secret: string }> {
    const { role, days } = checkedRole(tenantId, wanted);
    const email = checkedEmail(wanted.email);
    const lasting = wanted.expiresInDays ?? USUAL_DAYS;
    if (!Number.isInteger(lasting) || lasting < 1 || lasting > MOST_DAYS) {
      throw badInput(`expiresInDays: must be from 1 to ${MOST_DAYS}.`);
    }
    const id = newId();
    const secret = newBearerSecret(PREFIX);
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + lasting * DAY_MS);
    await manager.query(
      `INSERT INTO invitations (tenant_id, id, hash, role, role_days, email, created_by, created_by_name, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [tenantId, id, hashOfSecret(secret), role, days, email, by.standsFor, by.name, now, expiresAt],
    );
    this.auditLog.note(manager, {
      action: 'invitation.created',
      object: { type: 'Invitation', id },
      before: null,
      after: { role, roleDays: days, email, expiresAt },
    });
    return { id, secret };
  }

  /** Ends an invitation that nobody has accepted yet. Throws NOT_FOUND, or BAD_INPUT for an accepted one. */
  async revoke(manager: EntityManager, tenantId: string, id: string): Promise<void> {
    const [row] = await manager.query<InvitationRow[]>(
      'SELECT * FROM invitations WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
      [tenantId, id],
    );
    if (!row) throw notFound('The invitation');
    if (row.accepted_at !== null) throw badInput('id: this invitation was accepted; end the membership instead.');
    await manager.query(
      'UPDATE invitations SET revoked_at = coalesce(revoked_at, $3) WHERE tenant_id = $1 AND id = $2',
      [tenantId, id, this.clock.now()],
    );
    this.auditLog.note(manager, {
      action: 'invitation.revoked',
      object: { type: 'Invitation', id },
      before: { role: row.role, email: row.email },
      after: null,
    });
  }

  /** Ends the open ones that somebody made in a tenant, themselves or by a token. Answers their ids. */
  async revokeAllOf(manager: EntityManager, tenantId: string, by: string): Promise<string[]> {
    const [rows] = await manager.query<[{ id: string }[], number]>(
      `UPDATE invitations SET revoked_at = $3 WHERE tenant_id = $1 AND created_by = $2 AND accepted_at IS NULL
         AND revoked_at IS NULL AND expires_at > $3 RETURNING id`,
      [tenantId, by, this.clock.now()],
    );
    return rows.map(({ id }) => id);
  }

  /** What somebody who holds a link may know before they accept it. Throws INVITATION_REFUSED. */
  async look(
    secret: string,
  ): Promise<Pick<InvitationRow, 'role' | 'role_days' | 'email' | 'created_by_name'> & { tenant_name: string }> {
    return this.database.inTenant(await this.tenantOf(secret), async (manager) => {
      const invitation = this.stillGood(await read(manager, secret, false));
      const [tenant] = await manager.query<{ name: string }[]>('SELECT name FROM tenants WHERE id = $1', [
        invitation.tenant_id,
      ]);
      return { ...invitation, tenant_name: tenant?.name ?? '' };
    });
  }

  /** Makes the person a member with the invitation's role, or gives a member that role. Throws INVITATION_REFUSED. */
  async accept(
    secret: string,
    identity: Identity,
    origin: Pick<Actor, 'requestId' | 'sourceAddress'>,
  ): Promise<Joined> {
    const tenantId = await this.tenantOf(secret);
    const { name, issuer, subject } = identity;
    // Whatever they are elsewhere, here they act as somebody who has no role yet.
    const actor = {
      kind: 'person',
      id: subject,
      name,
      tenantId,
      role: null,
      standsFor: standsFor({ issuer, subject }),
    } as const;
    return actingAs({ ...actor, ...origin }, () =>
      this.database.inTenant(tenantId, async (manager) => {
        const invitation = this.stillGood(await read(manager, secret, true));
        mustBeFor(invitation, identity);
        await mustNotHaveEndedSince(manager, invitation, identity);
        return this.join(manager, invitation, identity);
      }),
    );
  }

  private async tenantOf(secret: string): Promise<string> {
    const [row] = await this.database.ofNoTenant((manager) =>
      manager.query<{ tenant: string | null }[]>('SELECT tenant_of_invitation($1) AS tenant', [
        hashOfSecret(secret.trim()),
      ]),
    );
    if (!row?.tenant) throw refused('it is unknown');
    return row.tenant;
  }

  private stillGood(row: InvitationRow | undefined): InvitationRow {
    if (!row) throw refused('it is unknown');
    if (row.accepted_at !== null) throw refused('it was accepted already');
    if (row.revoked_at !== null) throw refused('it was revoked');
    if (row.expires_at <= this.clock.now()) throw refused('it has expired');
    return row;
  }

  private async join(manager: EntityManager, invitation: InvitationRow, identity: Identity): Promise<Joined> {
    const { tenant_id: tenantId, role, role_days: days } = invitation;
    const now = this.clock.now();
    const expiresAt = days === null ? null : new Date(now.getTime() + days * DAY_MS);
    const [person] = await manager.query<{ id: string }[]>(
      `INSERT INTO people (tenant_id, id, issuer, subject, name, email, role, role_expires_at, first_seen_at, last_seen_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
       ON CONFLICT (tenant_id, issuer, subject) DO UPDATE SET role = excluded.role,
         role_expires_at = excluded.role_expires_at, ended_at = NULL, name = excluded.name, email = excluded.email
       RETURNING id`,
      [tenantId, newId(), identity.issuer, identity.subject, identity.name, identity.email, role, expiresAt, now],
    );
    const [tenant] = await manager.query<{ name: string }[]>('SELECT name FROM tenants WHERE id = $1', [tenantId]);
    if (!person || !tenant) throw new Error('An invitation of no tenant, or to nobody.');
    await manager.query('UPDATE invitations SET accepted_at = $3, accepted_by = $4 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      invitation.id,
      now,
      person.id,
    ]);
    this.auditLog.note(manager, {
      action: 'invitation.accepted',
      object: { type: 'Invitation', id: invitation.id },
      before: { invitedBy: invitation.created_by_name },
      after: {
        person: person.id,
        name: identity.name,
        email: identity.email,
        issuer: identity.issuer,
        role,
        expiresAt,
      },
    });
    // What the person has open, if anything, was opened with another role.
    await announceEnd(manager, [person.id]);
    return { tenantId, tenantName: tenant.name, role, personId: person.id };
  }
}

async function read(manager: EntityManager, secret: string, lock: boolean): Promise<InvitationRow | undefined> {
  const [row] = await manager.query<InvitationRow[]>(
    `SELECT * FROM invitations WHERE tenant_id = current_setting('mothball.tenant_id')::uuid AND hash = $1
     ${lock ? 'FOR UPDATE' : ''}`,
    [hashOfSecret(secret.trim())],
  );
  return row;
}

/** An address that nobody has verified could be anybody's. */
function mustBeFor({ email }: InvitationRow, identity: Identity): void {
  if (email === null) return;
  if (identity.email?.toLowerCase() !== email.toLowerCase()) {
    throw refused(
      `it is for another e-mail address than ${identity.email ?? 'yours, which your sign-in does not tell'}`,
    );
  }
  if (!identity.emailVerified) throw refused('your sign-in does not say that your e-mail address is verified');
}

/** Whoever was put out must not come back by a link that was lying about, perhaps one of their own. */
async function mustNotHaveEndedSince(
  manager: EntityManager,
  { tenant_id: tenantId, created_at: createdAt }: InvitationRow,
  { issuer, subject }: Identity,
): Promise<void> {
  const [member] = await manager.query<{ ended_at: Date | null }[]>(
    'SELECT ended_at FROM people WHERE tenant_id = $1 AND issuer = $2 AND subject = $3 FOR UPDATE',
    [tenantId, issuer, subject],
  );
  if (member?.ended_at && member.ended_at >= createdAt) throw refused('your membership was ended since it was made');
}

function checkedEmail(email: string | null): string | null {
  if (email === null) return null;
  const trimmed = email.trim();
  if (!/^[^\s@]{1,64}@[^\s@]{1,255}$/.test(trimmed)) throw badInput('email: this is not an e-mail address.');
  return trimmed;
}

const refused = (reason: string): DomainError =>
  new DomainError(
    'INVITATION_REFUSED',
    `This invitation is no good: ${reason}. Ask whoever invited you for a new one.`,
  );
