import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { badInput, notFound } from '../../../errors';
import { newId } from '../../../ids';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { parsed } from '../../endpoints/endpoint-request';
import { TicketSystems } from '../systems/index';
import type { OpenConnection, TicketSystemId } from '../ticket-system';
import { OpenConnections } from './open-connections.service';
import {
  type TicketConnectionChange,
  ticketConnectionChange,
  type TicketConnectionRequest,
  ticketConnectionRequest,
} from './ticket-connection-request';

/** A connection whose settings were looked at as far as that goes without asking its system. */
export type PreparedConnection = z.output<typeof ticketConnectionRequest> & { readonly id: string };
export type PreparedChange = Omit<z.output<typeof ticketConnectionChange>, 'system'>;

/** What may ask for addresses, before the transaction that writes. */
@Injectable()
export class ConnectionPreparation {
  constructor(
    private readonly database: TenantDatabase,
    private readonly systems: TicketSystems,
    private readonly connections: OpenConnections,
  ) {}

  /** Throws BAD_INPUT naming each field that is wrong, or NOT_FOUND for an account of the filter. */
  async prepare(tenantId: string, request: TicketConnectionRequest): Promise<PreparedConnection> {
    const given = parsed(ticketConnectionRequest, request, 'input');
    const system = this.systems.of(given.system);
    if (system.inboundSecret === 'made' && given.inboundSecret !== undefined) {
      throw badInput('inboundSecret: leave it out; the service makes it, and shows it once.');
    }
    await this.mustHaveAccounts(tenantId, given.filter.accountIds);
    const id = newId();
    const open = await this.mustBeUsable(given.system, { tenantId, id, ...given });
    return { ...given, id, settings: open.settings, credential: open.credential };
  }

  /** The same for a change: what is left out stays. Throws NOT_FOUND for a connection that there is not. */
  async prepareChange(tenantId: string, id: string, change: TicketConnectionChange): Promise<PreparedChange> {
    const { system: named, ...given } = parsed(ticketConnectionChange, change, 'input');
    await this.mustHaveAccounts(tenantId, given.filter?.accountIds);
    if (named === undefined && given.settings === undefined && given.credential === undefined) return given;
    const before = await this.database.inTenant(tenantId, (manager) =>
      manager.query<{ system: TicketSystemId; settings: Record<string, unknown> }[]>(
        'SELECT system, settings FROM ticket_connections WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL',
        [tenantId, id],
      ),
    );
    const row = before[0];
    if (!row) throw notFound('The connection');
    if (named !== undefined && named !== row.system) {
      throw badInput(`system: this connection is to ${row.system}; make another one for ${named}.`);
    }
    const open = await this.mustBeUsable(row.system, {
      ...{ tenantId, id, settings: given.settings ?? row.settings },
      credential: given.credential ?? (await this.connections.credentialOf(tenantId, id)),
    });
    return {
      ...given,
      ...(given.settings === undefined ? {} : { settings: open.settings }),
      ...(given.credential === undefined ? {} : { credential: open.credential }),
    };
  }

  private async mustBeUsable(
    id: TicketSystemId,
    given: OpenConnection,
  ): Promise<{ settings: Record<string, unknown>; credential: Record<string, unknown> }> {
    const system = this.systems.of(id);
    const settings = parsed(system.settings, given.settings, 'settings');
    const credential = parsed(system.credential, given.credential, 'credential');
    await system.mustBeUsable({ tenantId: given.tenantId, id: given.id, settings, credential });
    return { settings: settings as Record<string, unknown>, credential: credential as Record<string, unknown> };
  }

  /** Another tenant's account is told like one that does not exist. */
  private async mustHaveAccounts(tenantId: string, accountIds: readonly string[] | undefined): Promise<void> {
    if (!accountIds) return;
    const wanted = [...new Set(accountIds)];
    const found = await this.database.inTenant(tenantId, (manager) =>
      manager.query<unknown[]>('SELECT 1 FROM accounts WHERE tenant_id = $1 AND id = ANY ($2::uuid[])', [
        tenantId,
        wanted,
      ]),
    );
    if (found.length < wanted.length) throw notFound('filter.accounts: the account');
  }
}
