import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { Config } from '../../config';
import { newId } from '../../ids';
import { hashOfSecret, newBearerSecret } from '../bearer-secret';
import type { Identity } from '../credential';
import { announceEnd } from '../revocations';
import { PLATFORM_TENANT_ID, TenantDatabase } from '../tenant-database';

interface SessionRow {
  id: string;
  issuer: string;
  subject: string;
  name: string;
  email: string | null;
  email_verified: boolean;
  claims: Record<string, unknown>;
  last_seen_at: Date;
  expires_at: Date;
}

const MINUTE_MS = 60_000;
/** `last_seen_at` may lag by so much, which must not end a session early. */
const LAG_MS = 6 * MINUTE_MS;
const KEPT_DAYS = 30;

/** Browsers that are signed in: 256 random bits in a cookie, kept as their SHA-256 hash. They are the platform's. */
@Injectable()
export class Sessions {
  constructor(
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** Opens a session for somebody who has just signed in. The secret is in the answer and nowhere else. */
  async open(identity: Identity): Promise<{ id: string; secret: string; expiresAt: Date }> {
    const id = newId();
    const secret = newBearerSecret();
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + this.config.signIn.sessionHours * 60 * MINUTE_MS);
    const { issuer, subject, name, email, emailVerified, claims } = identity;
    await this.database.inTenant(PLATFORM_TENANT_ID, async (manager) => {
      await manager.query(
        `INSERT INTO sessions (tenant_id, id, hash, issuer, subject, name, email, email_verified, claims, created_at,
           last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)`,
        [
          PLATFORM_TENANT_ID,
          id,
          hashOfSecret(secret),
          issuer,
          subject,
          name,
          email,
          emailVerified,
          JSON.stringify(claims),
          now,
          expiresAt,
        ],
      );
      await manager.query(
        `DELETE FROM sessions WHERE tenant_id = $1 AND expires_at < $2::timestamptz - make_interval(days => $3)`,
        [PLATFORM_TENANT_ID, now, KEPT_DAYS],
      );
    });
    return { id, secret, expiresAt };
  }

  /** Whose session this is; null for one that is unknown, ended, too old, or was not used for too long. */
  async find(secret: string): Promise<Identity | null> {
    const [row] = await this.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
      manager.query<SessionRow[]>(
        `SELECT id, issuer, subject, name, email, email_verified, claims, last_seen_at, expires_at FROM sessions
         WHERE tenant_id = $1 AND hash = $2 AND ended_at IS NULL`,
        [PLATFORM_TENANT_ID, hashOfSecret(secret)],
      ),
    );
    if (!row) return null;
    const idleUntil = row.last_seen_at.getTime() + this.config.signIn.sessionIdleMinutes * MINUTE_MS + LAG_MS;
    const expiresAt = new Date(Math.min(row.expires_at.getTime(), idleUntil));
    if (expiresAt <= this.clock.now()) return null;
    return {
      issuer: row.issuer,
      subject: row.subject,
      name: row.name,
      email: row.email,
      emailVerified: row.email_verified,
      claims: row.claims,
      expiresAt: row.expires_at,
      sessionId: row.id,
    };
  }

  /** Ends one session; unknown ones are ended already. */
  async end(secret: string): Promise<void> {
    await this.database.inTenant(PLATFORM_TENANT_ID, async (manager) => {
      const [rows] = await manager.query<[{ id: string }[], number]>(
        'UPDATE sessions SET ended_at = $3 WHERE tenant_id = $1 AND hash = $2 AND ended_at IS NULL RETURNING id',
        [PLATFORM_TENANT_ID, hashOfSecret(secret), this.clock.now()],
      );
      await announceEnd(
        manager,
        rows.map(({ id }) => id),
      );
    });
  }

  /** Ends all sessions of a person; `manager` must be in the platform's tenant. Answers how many there were. */
  async endAllOf(manager: EntityManager, { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): Promise<number> {
    const [rows] = await manager.query<[{ id: string }[], number]>(
      `UPDATE sessions SET ended_at = $4
       WHERE tenant_id = $1 AND issuer = $2 AND subject = $3 AND ended_at IS NULL AND expires_at > $4 RETURNING id`,
      [PLATFORM_TENANT_ID, issuer, subject, this.clock.now()],
    );
    await announceEnd(
      manager,
      rows.map(({ id }) => id),
    );
    return rows.length;
  }
}
