import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../clock';
import { badInput, DomainError, notFound } from '../errors';
import { newId } from '../ids';
import { AuditLog } from './audit-log.service';
import { hashOfSecret, newBearerSecret } from './bearer-secret';
import type { Credential } from './credential';
import { AUDITOR_DAYS, PLATFORM_ROLES } from './people/person';
import type { Principal, Role } from './principal';
import { announceEnd } from './revocations';
import { PLATFORM_TENANT_ID, TenantDatabase } from './tenant-database';

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  /** Null: never; an auditor's token always ends. */
  readonly expiresAt?: Date | null;
  /** Who makes it, and so is behind it; left out: the service itself. */
  readonly by?: Pick<Principal, 'name' | 'standsFor'>;
}

export interface TokenRow {
  id: string;
  name: string;
  prefix: string;
  role: Role;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  created_by_name: string | null;
  last_used_at: Date | null;
}

const COLUMNS = 'id, name, prefix, role, created_at, expires_at, revoked_at, created_by_name, last_used_at';

/** API tokens: 256 random bits, shown once, kept as their SHA-256 hash. */
@Injectable()
export class TokensService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly auditLog: AuditLog,
  ) {}

  /** Makes a token of `tenantId` within the caller's transaction. The secret is in the answer and nowhere else. */
  async create(manager: EntityManager, tenantId: string, token: NewToken): Promise<{ row: TokenRow; secret: string }> {
    const name = token.name.trim();
    if (name === '') throw badInput('name: say what the token is for, for example "ci".');
    if (name.length > 200) throw badInput('name: must have 1 to 200 characters.');
    if (tenantId === PLATFORM_TENANT_ID && !PLATFORM_ROLES.includes(token.role)) {
      throw badInput('role: a platform token is ADMIN or VIEWER.');
    }
    const expiresAt = this.endOf(token);
    const secret = newBearerSecret('mothball_');
    const rows = await manager.query<TokenRow[]>(
      `INSERT INTO api_tokens (tenant_id, id, name, prefix, hash, role, created_at, expires_at, created_by, created_by_name)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${COLUMNS}`,
      [
        tenantId,
        newId(),
        name,
        secret.slice(0, 15),
        hashOfSecret(secret),
        token.role,
        this.clock.now(),
        expiresAt,
        token.by?.standsFor ?? null,
        token.by?.name ?? null,
      ],
    );
    const row = rows[0];
    if (!row) throw new Error('INSERT … RETURNING gave no row');
    this.auditLog.note(manager, {
      action: 'token.created',
      object: { type: 'ApiToken', id: row.id },
      before: null,
      after: { name, prefix: row.prefix, role: row.role, expiresAt },
    });
    return { row, secret };
  }

  private endOf({ role, expiresAt }: NewToken): Date | null {
    const now = this.clock.now();
    if (expiresAt && expiresAt <= now) throw badInput('expiresAt: must be in the future.');
    if (role !== 'auditor') return expiresAt ?? null;
    if (expiresAt && expiresAt.getTime() - now.getTime() > AUDITOR_DAYS.most * DAY_MS) {
      throw badInput(`expiresAt: an auditor's token lasts ${AUDITOR_DAYS.most} days at most.`);
    }
    return expiresAt ?? new Date(now.getTime() + AUDITOR_DAYS.usual * DAY_MS);
  }

  async list(manager: EntityManager, tenantId: string): Promise<TokenRow[]> {
    return manager.query<TokenRow[]>(
      `SELECT ${COLUMNS} FROM api_tokens WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC`,
      [tenantId],
    );
  }

  /** Ends a token at once. Throws NOT_FOUND. */
  async revoke(manager: EntityManager, tenantId: string, id: string): Promise<TokenRow> {
    const [rows] = await manager.query<[(TokenRow & { was_open: boolean })[], number]>(
      `UPDATE api_tokens t SET revoked_at = coalesce(t.revoked_at, $3)
       FROM (SELECT tenant_id, id, revoked_at FROM api_tokens WHERE tenant_id = $1 AND id = $2 FOR UPDATE) old
       WHERE t.tenant_id = old.tenant_id AND t.id = old.id
       RETURNING ${COLUMNS.replaceAll(/(\w+)/g, 't.$1')}, old.revoked_at IS NULL AS was_open`,
      [tenantId, id, this.clock.now()],
    );
    const row = rows[0];
    if (!row) throw notFound('The token');
    if (row.was_open) {
      this.auditLog.note(manager, {
        action: 'token.revoked',
        object: { type: 'ApiToken', id },
        before: { name: row.name, prefix: row.prefix, role: row.role, expiresAt: row.expires_at },
        after: null,
      });
      await announceEnd(manager, [id]);
    }
    return row;
  }

  /** Ends all tokens that somebody made in a tenant, but for some roles. Answers their names and prefixes. */
  async revokeAllOf(
    manager: EntityManager,
    tenantId: string,
    standsFor: string,
    but: readonly Role[] = [],
  ): Promise<string[]> {
    const [rows] = await manager.query<[{ id: string; name: string; prefix: string }[], number]>(
      `UPDATE api_tokens SET revoked_at = $3 WHERE tenant_id = $1 AND created_by = $2 AND revoked_at IS NULL
         AND role <> ALL ($4::text[]) RETURNING id, name, prefix`,
      [tenantId, standsFor, this.clock.now(), but],
    );
    await announceEnd(
      manager,
      rows.map(({ id }) => id),
    );
    return rows.map(({ name, prefix }) => `${name} (${prefix}…)`);
  }

  /** Who holds this token; throws UNAUTHENTICATED for an unknown, expired or revoked one. */
  async authenticate(secret: string): Promise<Credential> {
    const row = await this.database.principalOfToken(hashOfSecret(secret));
    if (!row) {
      throw new DomainError(
        'UNAUTHENTICATED',
        'This token is unknown, expired or revoked. Ask an administrator for a new one.',
      );
    }
    const { token_id: id, tenant_id: tenantId, tenant_name: tenantName, tenant_kind: kind, role } = row;
    return {
      principal: {
        kind: 'token',
        id,
        name: row.token_name,
        scope: kind === 'platform' ? 'platform' : 'tenant',
        tenantId,
        tenantName,
        role,
        standsFor: row.stands_for ?? `token ${id}`,
      },
      email: null,
      expiresAt: row.expires_at,
      endsWith: [id],
      choices: [{ tenantId, tenantName, kind, role }],
    };
  }

  /** On a database in which nobody has a token yet: makes the first platform token and returns it, else null. */
  async firstPlatformToken(): Promise<string | null> {
    if (!(await this.database.noTokenYet())) return null;
    return this.database.inTenant(PLATFORM_TENANT_ID, async (manager) => {
      // Two processes that start at once must not both make one.
      await manager.query('SELECT pg_advisory_xact_lock(7662812)');
      const [state] = await manager.query<{ yes: boolean }[]>('SELECT no_token_yet() AS yes');
      if (!state?.yes) return null;
      return (await this.create(manager, PLATFORM_TENANT_ID, { name: 'first start', role: 'admin' })).secret;
    });
  }
}
