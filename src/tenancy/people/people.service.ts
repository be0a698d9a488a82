import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../clock';
import { badInput, DomainError, notFound } from '../../errors';
import { AuditLog } from '../audit-log.service';
import { standsFor } from '../credential';
import { announceEnd } from '../revocations';
import { TokensService } from '../tokens.service';
import { checkedRole, type GivenRole } from './given-role';
import { Invitations } from './invitations.service';
import type { PersonRow } from './person';

const COLUMNS =
  'tenant_id, id, issuer, subject, name, email, role, role_expires_at, mapped_role, first_seen_at, last_seen_at, ended_at';

/** People of a tenant: what they are, and that they are no more. */
@Injectable()
export class People {
  constructor(
    private readonly tokens: TokensService,
    private readonly invitations: Invitations,
    private readonly auditLog: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives a person another role, which counts for more than their groups. Whoever is no administrator then has no open
   * invitations left, and no tokens that may do more than they. Throws NOT_FOUND or BAD_INPUT.
   */
  async setRole(manager: EntityManager, tenantId: string, id: string, given: GivenRole): Promise<void> {
    const role = checkedRole(tenantId, given);
    const before = await locked(manager, tenantId, id);
    if (before.ended_at !== null) throw badInput('id: this membership has ended; invite the person again.');
    const expiresAt = role.days === null ? null : new Date(this.clock.now().getTime() + role.days * DAY_MS);
    await manager.query('UPDATE people SET role = $3, role_expires_at = $4 WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      id,
      role.role,
      expiresAt,
    ]);
    const made = standsFor(before);
    const isAdmin = role.role === 'admin';
    const tokensRevoked = isAdmin ? [] : await this.tokens.revokeAllOf(manager, tenantId, made, [role.role, 'viewer']);
    const invitationsRevoked = isAdmin ? [] : await this.invitations.revokeAllOf(manager, tenantId, made);
    this.auditLog.note(manager, {
      action: 'person.role-set',
      object: { type: 'Person', id },
      before: { name: before.name, role: before.role ?? before.mapped_role, expiresAt: before.role_expires_at },
      after: { name: before.name, role: role.role, expiresAt, tokensRevoked, invitationsRevoked },
    });
    // What is open was opened with the old role.
    await announceEnd(manager, [id]);
  }

  /**
   * Ends a membership at once, whatever the person's groups say, until they accept a new invitation. With `revokeTokens`
   * the tokens that they made in this tenant end, too; their open invitations end always. Ending it again changes nothing. Throws NOT_FOUND.
   */
  async end(
    manager: EntityManager,
    tenantId: string,
    id: string,
    revokeTokens: boolean,
  ): Promise<{ tokensRevoked: number }> {
    const person = await locked(manager, tenantId, id);
    await manager.query('UPDATE people SET ended_at = coalesce(ended_at, $3) WHERE tenant_id = $1 AND id = $2', [
      tenantId,
      id,
      this.clock.now(),
    ]);
    const revoked = revokeTokens ? await this.tokens.revokeAllOf(manager, tenantId, standsFor(person)) : [];
    const invitationsRevoked = await this.invitations.revokeAllOf(manager, tenantId, standsFor(person));
    this.auditLog.note(manager, {
      action: 'person.membership-ended',
      object: { type: 'Person', id },
      before: { name: person.name, email: person.email, role: person.role ?? person.mapped_role },
      after: { tokensRevoked: revoked, invitationsRevoked },
    });
    await announceEnd(manager, [id]);
    return { tokensRevoked: revoked.length };
  }
}

async function locked(manager: EntityManager, tenantId: string, id: string): Promise<PersonRow> {
  const [row] = await manager.query<PersonRow[]>(
    `SELECT ${COLUMNS} FROM people WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
    [tenantId, id],
  );
  if (!row) throw notFound('The person');
  return row;
}

/** What was refused because of who is asking: a program cannot be somebody. */
export const forPeopleOnly = (): DomainError =>
  new DomainError('FORBIDDEN', 'This is for people who have signed in; an API token cannot do it.');
