import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { ConnectionSecrets } from '../connections/connection-secrets.service';
import { TicketsDue } from '../syncing/tickets-due.service';
import { TicketSystems } from '../systems/index';
import type { Heard, InboundRequest, TicketSystemId } from '../ticket-system';

const MOST_BYTES = 256 * 1024;
const LONGEST_ID = 200;

interface Listening {
  tenant_id: string;
  id: string;
  system: TicketSystemId;
  settings: Record<string, unknown>;
  inbound_secret_sealed: Buffer | null;
}

/**
 * What other systems tell us. A message is proven by its signature and is then believed in one thing: that this ticket is
 * worth a look. So nothing that comes in can approve a plan, end an exemption or close a finding.
 */
@Injectable()
export class InboundMessages {
  constructor(
    private readonly database: TenantDatabase,
    private readonly secrets: ConnectionSecrets,
    private readonly systems: TicketSystems,
    private readonly due: TicketsDue,
    private readonly clock: Clock,
  ) {}

  /**
   * `refused`: unknown connection, wrong or missing signature, too old, too large. `ignored`: heard before, or about
   * nothing of ours.
   */
  async take(
    tenantId: string,
    connectionId: string,
    request: InboundRequest,
  ): Promise<'taken' | 'ignored' | 'refused'> {
    if (request.body.length > MOST_BYTES) return 'refused';
    const listening = await this.database.inTenant(tenantId, (manager) => find(manager, tenantId, connectionId));
    if (!listening || listening.inbound_secret_sealed === null) return 'refused';
    const secret = await this.secrets.openInbound(listening, listening.inbound_secret_sealed);
    const heard = this.hear(listening, request, secret);
    if (heard === null || heard === 'ignore') return heard === null ? 'refused' : 'ignored';
    return this.database.inTenant(tenantId, (manager) => this.mark(manager, listening, request, heard));
  }

  private hear({ system, settings }: Listening, request: InboundRequest, secret: string): Heard | 'ignore' | null {
    const one = this.systems.of(system);
    const checked = one.settings.safeParse(settings);
    return checked.success ? one.hear(request, secret, checked.data) : null;
  }

  private async mark(
    manager: EntityManager,
    { tenant_id: tenantId, id }: Listening,
    { body }: InboundRequest,
    { messageId, remoteId, url }: Heard,
  ): Promise<'taken' | 'ignored'> {
    const now = this.clock.now();
    const known = messageId !== null && messageId.length <= LONGEST_ID ? messageId : null;
    const name =
      known ??
      `sha256 ${createHash('sha256')
        .update(messageId ?? body)
        .digest('hex')}`;
    const [ticket] = await manager.query<{ id: string }[]>(
      `SELECT id FROM tickets WHERE tenant_id = $1 AND connection_id = $2 AND (remote_id = $3 OR url = $4)
         AND state NOT IN ('followed', 'released') ORDER BY generation DESC LIMIT 1`,
      [tenantId, id, remoteId, url ?? null],
    );
    const first = await manager.query<unknown[]>(
      `INSERT INTO inbound_messages (tenant_id, connection_id, message_id, at, ticket_id) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING RETURNING 1`,
      [tenantId, id, name, now, ticket?.id ?? null],
    );
    if (first.length === 0 || !ticket) return 'ignored';
    // Tasks before tickets, as everybody does.
    await this.due.enqueue(manager, tenantId, [id]);
    await manager.query('UPDATE tickets SET look_at = $3 WHERE tenant_id = $1 AND id = $2', [tenantId, ticket.id, now]);
    return 'taken';
  }
}

async function find(manager: EntityManager, tenantId: string, id: string): Promise<Listening | undefined> {
  const [row] = await manager.query<Listening[]>(
    `SELECT tenant_id, id, system, settings, inbound_secret_sealed FROM ticket_connections
     WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
    [tenantId, id],
  );
  return row;
}
