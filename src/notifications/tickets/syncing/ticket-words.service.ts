import { Injectable } from '@nestjs/common';
import { Config } from '../../../config';
import { RemediationSteps } from '../../../findings/remediation-steps.service';
import { TenantDatabase } from '../../../tenancy/tenant-database';
import { linkTo } from '../../catalogue/payload';
import type { TicketConnectionRow } from '../connections/ticket-connection';
import type { TicketRow } from '../ticket';
import { TicketRecords } from '../ticket-records.service';
import type { TicketContent } from '../ticket-system';
import { contentOf } from '../wanting/ticket-content';
import { WantedTickets } from '../wanting/wanted-tickets.service';
import type { Scene } from './scene.service';

/** What is said to the other system, from what is known here now. */
@Injectable()
export class TicketWords {
  private readonly link: string | null;

  constructor(
    private readonly database: TenantDatabase,
    private readonly wanted: WantedTickets,
    private readonly records: TicketRecords,
    private readonly remediation: RemediationSteps,
    { publicUrl }: Config,
  ) {
    this.link = linkTo(publicUrl);
  }

  whyClosed(connection: TicketConnectionRow, { id }: TicketRow): Promise<string> {
    return this.database.inTenant(connection.tenant_id, (manager) => this.wanted.whyClosed(manager, connection, id));
  }

  /** Null: nothing is left to speak of. */
  async content({ row, facts }: Scene): Promise<TicketContent | null> {
    const { tenant_id: tenantId, key } = row;
    const first = facts?.findings[0];
    if (!facts || !first) return null;
    return this.database.inTenant(tenantId, async (manager) => {
      const [steps] = await this.remediation.of({ manager, tenantId }, [first]);
      const follows = await this.records.followedBy(manager, row);
      return contentOf(facts, { key, steps: steps ?? null, link: this.link, follows });
    });
  }
}
