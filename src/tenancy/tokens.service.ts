import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock';
import { badInput, DomainError, notFound } from '../errors';
import { newId } from '../ids';
import type { Principal, Role } from './principal';
import { PLATFORM_TENANT_ID, TenantDatabase } from './tenant-database';

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly expiresAt?: Date | null;
}

export interface TokenRow {
  id: string;
  name: string;
  prefix: string;
  role: Role;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
}

const PLATFORM_ROLES: readonly Role[] = ['admin', 'viewer'];

/** API tokens: 256 random bits, shown once, kept as their SHA-256 hash. */
@Injectable()
export class TokensService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  /** Makes a token of `tenantId` within the caller's transaction. The secret is in the answer and nowhere else. */
  async create(manager: EntityManager, tenantId: string, token: NewToken): Promise<{ row: TokenRow; secret: string }> {
    const name = token.name.trim();
    if (name === '') throw badInput('name: say what the token is for, for example "ci".');
    if (name.length > 200) throw badInput('name: must have 1 to 200 characters.');
    if (token.expiresAt && token.expiresAt <= this.clock.now()) throw badInput('expiresAt: must be in the future.');
    if (tenantId === PLATFORM_TENANT_ID && !PLATFORM_ROLES.includes(token.role)) {
      throw badInput('role: a platform token is ADMIN or VIEWER.');
    }
    const secret = `mothball_${randomBytes(32).toString('base64url')}`;
    const rows = await manager.query<TokenRow[]>(
      `INSERT INTO api_tokens (tenant_id, id, name, prefix, hash, role, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       RETURNING id, name, prefix, role, created_at, expires_at, revoked_at`,
      [
        tenantId,
        newId(),
        name,
        secret.slice(0, 15),
        hashOf(secret),
        token.role,
        this.clock.now(),
        token.expiresAt ?? null,
      ],
    );
    const row = rows[0];
    if (!row) throw new Error('INSERT … RETURNING gave no row');
    return { row, secret };
  }

  async list(manager: EntityManager, tenantId: string): Promise<TokenRow[]> {
    return manager.query<TokenRow[]>(
      `SELECT id, name, prefix, role, created_at, expires_at, revoked_at
       FROM api_tokens WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC`,
      [tenantId],
    );
  }

  /** Ends a token at once. Throws NOT_FOUND. */
  async revoke(manager: EntityManager, tenantId: string, id: string): Promise<TokenRow> {
    const [rows] = await manager.query<[TokenRow[], number]>(
      `UPDATE api_tokens SET revoked_at = coalesce(revoked_at, $3) WHERE tenant_id = $1 AND id = $2
       RETURNING id, name, prefix, role, created_at, expires_at, revoked_at`,
      [tenantId, id, this.clock.now()],
    );
    const row = rows[0];
    if (!row) throw notFound('The token');
    return row;
  }

  /** Who sent this `Authorization` header; throws UNAUTHENTICATED for none, an unknown, expired or revoked one. */
  async authenticate(authorization: string | undefined): Promise<Principal> {
    const secret = /^Bearer ([A-Za-z0-9_-]{20,200})$/i.exec(authorization ?? '')?.[1];
    if (secret === undefined) {
      throw new DomainError('UNAUTHENTICATED', 'Send your API token in the header "Authorization: Bearer mothball_…".');
    }
    const row = await this.database.principalOfToken(hashOf(secret));
    if (!row) {
      throw new DomainError(
        'UNAUTHENTICATED',
        'This token is unknown, expired or revoked. Ask an administrator for a new one.',
      );
    }
    return {
      tokenId: row.token_id,
      name: row.token_name,
      scope: row.tenant_kind === 'platform' ? 'platform' : 'tenant',
      tenantId: row.tenant_id,
      tenantName: row.tenant_name,
      role: row.role,
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

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
