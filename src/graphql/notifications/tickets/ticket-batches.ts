import { Injectable } from '@nestjs/common';
import { TicketConnectionQueries } from '../../../notifications/tickets/connections/ticket-connection-queries';
import { TicketQueries } from '../../../notifications/tickets/ticket-queries';
import type { Reader } from '../../../paging';
import { groupBy } from '../../core/group-by';
import type { Batch } from '../../core/request-context';
import { TicketSystem } from './ticket-system.type';
import { Ticket, TicketStep } from './ticket.type';

@Injectable()
export class TicketSystemById implements Batch<string, TicketSystem | null> {
  constructor(private readonly connections: TicketConnectionQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(TicketSystem | null)[]> {
    const rows = new Map((await this.connections.byIds(reader, ids)).map((row) => [row.id, new TicketSystem(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

@Injectable()
export class TicketById implements Batch<string, Ticket | null> {
  constructor(private readonly tickets: TicketQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Ticket | null)[]> {
    const rows = new Map((await this.tickets.byIds(reader, ids)).map((row) => [row.id, new Ticket(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

/** The oldest first. */
@Injectable()
export class StepsOfTicket implements Batch<string, TicketStep[]> {
  constructor(private readonly tickets: TicketQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<TicketStep[][]> {
    const byTicket = groupBy(await this.tickets.steps(reader, ids), (row) => row.ticket_id);
    return ids.map((id) => (byTicket.get(id) ?? []).map((row) => new TicketStep(row)));
  }
}

/** Of all connections. */
@Injectable()
export class TicketsOfFinding implements Batch<string, Ticket[]> {
  constructor(private readonly tickets: TicketQueries) {}

  async load(reader: Reader, findingIds: readonly string[]): Promise<Ticket[][]> {
    const byFinding = groupBy(await this.tickets.ofFindings(reader, findingIds), (row) => row.finding_id);
    return findingIds.map((id) => (byFinding.get(id) ?? []).map((row) => new Ticket(row)));
  }
}
