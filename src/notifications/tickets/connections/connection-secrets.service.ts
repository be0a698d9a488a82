import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { bindingOf, TICKET_CREDENTIAL, TICKET_INBOUND_SECRET } from '../../../tenancy/secrets/sealed-columns';
import { Secrets } from '../../../tenancy/secrets/secrets.service';
import { TicketSystems } from '../systems/index';
import type { TicketSystemId } from '../ticket-system';

type Keyed = { readonly tenant_id: string; readonly id: string };

/** What a connection and its system know each other by. */
@Injectable()
export class ConnectionSecrets {
  constructor(
    private readonly secrets: Secrets,
    private readonly systems: TicketSystems,
  ) {}

  sealCredential(manager: EntityManager, row: Keyed, credential: object): Promise<Buffer> {
    return this.secrets.seal(manager, bindingOf(TICKET_CREDENTIAL, row), JSON.stringify(credential));
  }

  sealInbound(manager: EntityManager, row: Keyed, secret: string): Promise<Buffer> {
    return this.secrets.seal(manager, bindingOf(TICKET_INBOUND_SECRET, row), secret);
  }

  openInbound(row: Keyed, sealed: Buffer): Promise<string> {
    return this.secrets.open(bindingOf(TICKET_INBOUND_SECRET, row), sealed);
  }

  /** With what the system signs: ours, in the form of Standard Webhooks, or the one that it made; null: none is known yet. */
  inboundFor(system: TicketSystemId, given: string | undefined): { secret: string | null; shown: string | null } {
    if (this.systems.of(system).inboundSecret === 'given') return { secret: given ?? null, shown: null };
    const made = given ?? `whsec_${randomBytes(32).toString('base64')}`;
    return { secret: made, shown: made };
  }
}
