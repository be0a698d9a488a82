import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock, DAY_MS } from '../../clock';
import { badInput, notFound } from '../../errors';
import { Secrets } from '../../tenancy/secrets/secrets.service';
import { bindingOf, ENDPOINT_PREVIOUS_SECRET, ENDPOINT_SECRET } from '../../tenancy/secrets/sealed-columns';
import { TenantDatabase } from '../../tenancy/tenant-database';
import { Channels } from '../channels';
import type { EndpointRow } from './endpoint';

/** For how long the secret before the newest one signs as well. */
const OVERLAP_MS = DAY_MS;

/** What an endpoint's row holds of its secrets. */
export interface SealedSecrets {
  readonly tenant_id: string;
  readonly id: string;
  readonly secret_sealed: Buffer | null;
  readonly previous_secret_sealed: Buffer | null;
  readonly previous_secret_until: Date | null;
}

export interface OpenSecrets {
  readonly secret: string | null;
  readonly previousSecret: string | null;
}

/** A secret that was just made; shown once. */
export interface Shown {
  /** What the receiver needs: the secret, or the public key; null: whoever asks gave it, or there is none. */
  readonly secret: string | null;
}

/** Endpoints' secrets: sealed in their rows, open for as long as a message takes. */
@Injectable()
export class EndpointSecrets {
  constructor(
    private readonly database: TenantDatabase,
    private readonly secrets: Secrets,
    private readonly channels: Channels,
    private readonly clock: Clock,
  ) {}

  /** Throws SECRET_UNREADABLE. */
  async open(row: SealedSecrets): Promise<OpenSecrets> {
    const overlaps = row.previous_secret_until !== null && row.previous_secret_until > this.clock.now();
    const previous = overlaps ? row.previous_secret_sealed : null;
    return {
      secret: row.secret_sealed && (await this.secrets.open(bindingOf(ENDPOINT_SECRET, row), row.secret_sealed)),
      previousSecret: previous && (await this.secrets.open(bindingOf(ENDPOINT_PREVIOUS_SECRET, row), previous)),
    };
  }

  async openOf(tenantId: string, id: string): Promise<OpenSecrets> {
    return this.open(await this.database.inTenant(tenantId, (manager) => this.sealedOf(manager, tenantId, id)));
  }

  /**
   * Gives it a secret, or another one. `given`: what `EndpointPreparation` let through. A signing secret signs as well for
   * a day after it was replaced (of two rotations within a day the first one's predecessor is forgotten at once); an
   * address is replaced at once.
   */
  async set(manager: EntityManager, row: EndpointRow, given: string | null): Promise<Shown> {
    const channel = this.channels.of(row.channel);
    if (channel.secret === 'none') return { secret: null };
    if (channel.secret === 'given') {
      if (given === null) throw badInput(`url: the channel ${row.channel} needs its new address.`);
      await this.replace(manager, row, given, false);
      return { secret: null };
    }
    const made = channel.newSecret?.(row.settings);
    if (!made) throw new Error(`The channel ${row.channel} makes no secret.`);
    await this.replace(manager, row, made.secret, true);
    return { secret: made.shown };
  }

  private async replace(manager: EntityManager, of: EndpointRow, secret: string, overlap: boolean): Promise<void> {
    const { tenant_id: tenantId, id } = of;
    const now = this.clock.now();
    // Sealed anew: a sealed value opens for the column that it was sealed for only.
    const previous = overlap ? (await this.open(await this.sealedOf(manager, tenantId, id))).secret : null;
    const seal = await this.secrets.sealer(manager);
    await manager.query(
      `UPDATE endpoints SET secret_sealed = $3, secret_made_at = $4, previous_secret_sealed = $5,
         previous_secret_until = $6, public_key = $7, changed_at = $4 WHERE tenant_id = $1 AND id = $2`,
      [
        ...[tenantId, id, seal(bindingOf(ENDPOINT_SECRET, of), secret), now],
        previous && seal(bindingOf(ENDPOINT_PREVIOUS_SECRET, of), previous),
        previous && new Date(now.getTime() + OVERLAP_MS),
        this.channels.of(of.channel).publicKeyOf?.(secret) ?? null,
      ],
    );
  }

  /** Secrets whose day of overlap is over. */
  async forgetPrevious(manager: EntityManager, tenantId: string): Promise<void> {
    await manager.query(
      `UPDATE endpoints SET previous_secret_sealed = NULL, previous_secret_until = NULL
       WHERE tenant_id = $1 AND previous_secret_until <= $2`,
      [tenantId, this.clock.now()],
    );
  }

  private async sealedOf(manager: EntityManager, tenantId: string, id: string): Promise<SealedSecrets> {
    const [row] = await manager.query<SealedSecrets[]>(
      `SELECT tenant_id, id, secret_sealed, previous_secret_sealed, previous_secret_until FROM endpoints
       WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
      [tenantId, id],
    );
    if (!row) throw notFound('The endpoint');
    return row;
  }
}
