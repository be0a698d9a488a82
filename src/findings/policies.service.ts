import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../clock';
import { newId } from '../ids';
import { Events } from '../tasks/events.service';
import { defaultPolicy, parsePolicy, type PolicySettings } from './policy';

export interface StoredPolicy {
  readonly name: string;
  /** 0: the built-in default, which the tenant has not changed. */
  readonly version: number;
  readonly settings: PolicySettings;
  readonly createdAt: Date | null;
}

const NAME = 'default';

/** A tenant's policy. Each change is a new version; what was judged under the old one says so. */
@Injectable()
export class PoliciesService {
  constructor(
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** The tenant's newest version, or the built-in default. */
  async current(manager: EntityManager, tenantId: string): Promise<StoredPolicy> {
    const [row] = await manager.query<{ version: number; settings: unknown; created_at: Date }[]>(
      `SELECT version, settings, created_at FROM policies WHERE tenant_id = $1 AND name = $2 ORDER BY version DESC LIMIT 1`,
      [tenantId, NAME],
    );
    if (!row) return { name: NAME, version: 0, settings: defaultPolicy, createdAt: null };
    return { name: NAME, version: row.version, settings: parsePolicy(row.settings), createdAt: row.created_at };
  }

  /**
   * Saves new settings; every account is judged again from the inventory, without calling AWS. Throws BAD_INPUT naming
   * every bad field.
   */
  async save(manager: EntityManager, tenantId: string, input: unknown): Promise<StoredPolicy> {
    const settings = parsePolicy(input);
    // Two people who save at once make two versions, one after the other.
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('policies ' || $1::text, 0))`, [tenantId]);
    const version = (await this.current(manager, tenantId)).version + 1;
    const createdAt = this.clock.now();
    const id = newId();
    await manager.query(
      'INSERT INTO policies (tenant_id, id, name, version, settings, created_at) VALUES ($1, $2, $3, $4, $5, $6)',
      [tenantId, id, NAME, version, JSON.stringify(settings), createdAt],
    );
    const accounts = await manager.query<{ id: string }[]>(
      'SELECT id FROM accounts WHERE tenant_id = $1 AND users_read_at IS NOT NULL',
      [tenantId],
    );
    await this.events.record(
      manager,
      tenantId,
      accounts.map((account) => ({
        type: 'policy.applied',
        objectType: 'account',
        objectId: account.id,
        data: { version },
      })),
    );
    return { name: NAME, version, settings, createdAt };
  }
}
