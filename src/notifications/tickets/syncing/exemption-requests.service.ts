import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../../clock';
import { encodeId } from '../../../api-id';
import { daysAfter } from '../../../findings/exemptions/exemption-terms';
import { ExemptionDecisions } from '../../../findings/exemptions/exemption-decisions.service';
import { ExemptionMaking, type Deciding } from '../../../findings/exemptions/exemption-making.service';
import { LongestExemption } from '../../../findings/exemptions/longest-exemption.service';
import type { TicketConnectionRow } from '../connections/ticket-connection';
import type { TicketRow } from '../ticket';

const AT_ONCE = 200;
const MOST = 1_000;
/** Who answers for it where nobody is known. */
const THE_SERVICE = 'Mothball';

/** A ticket that was closed as "won't do" asks for an exemption. It never makes one: people of the tenant approve it. */
@Injectable()
export class ExemptionRequests {
  constructor(
    private readonly clock: Clock,
    private readonly making: ExemptionMaking,
    private readonly decisions: ExemptionDecisions,
    private readonly longest: LongestExemption,
  ) {}

  /** For each identity that the ticket speaks of and that is open. Returns the ids of what waits for approval now. */
  async ask(manager: EntityManager, row: TicketRow, { exemption_days, name }: TicketConnectionRow): Promise<string[]> {
    const findings = await open(manager, row);
    const days = Math.min(exemption_days, await this.longest.days(manager));
    const terms = {
      reason: `The ticket ${row.reference ?? ''} of "${name}" was closed as "won't do".`.slice(0, AT_ONCE * 5),
      until: daysAfter(this.clock.now(), days),
    };
    const made: string[] = [];
    for (const [owner, ids] of byOwner(findings)) {
      for (let start = 0; start < ids.length; start += AT_ONCE) {
        const some = ids.slice(start, start + AT_ONCE);
        made.push(
          ...(await this.making.proposeForFindings(manager, row.tenant_id, byTicket(row), some, { ...terms, owner })),
        );
      }
    }
    return made;
  }

  /** Takes back what still waits; an exemption that is in force stays. */
  async withdraw(manager: EntityManager, row: TicketRow, note: string): Promise<void> {
    const waiting = await manager.query<{ id: string }[]>(
      `SELECT id FROM exemptions WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND state = 'pending' ORDER BY id FOR UPDATE`,
      [row.tenant_id, row.exemption_ids ?? []],
    );
    for (const { id } of waiting) await this.decisions.end(manager, row.tenant_id, byTicket(row), id, note);
  }

  async arePending(manager: EntityManager, { tenant_id: tenantId, exemption_ids: ids }: TicketRow): Promise<boolean> {
    if (ids === null || ids.length === 0) return false;
    const rows = await manager.query<unknown[]>(
      `SELECT 1 FROM exemptions WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND state = 'pending' LIMIT 1`,
      [tenantId, ids],
    );
    return rows.length > 0;
  }
}

/** Nobody of the tenant, so that any approver is a second person. */
const byTicket = (row: TicketRow): Deciding => ({
  name: `ticket ${row.reference ?? row.key}`,
  standsFor: `ticket ${encodeId('Ticket', row.tenant_id, row.id)}`,
});

interface OpenFinding {
  id: string;
  owner: string | null;
}

/** What can be named by a unique id: not what is gone, nor a key whose id has not been read yet. */
function open(manager: EntityManager, { tenant_id: tenantId, id }: TicketRow): Promise<OpenFinding[]> {
  return manager.query<OpenFinding[]>(
    `SELECT f.id, o.name AS owner FROM ticket_findings h
     JOIN findings f ON f.tenant_id = h.tenant_id AND f.id = h.finding_id AND f.status = 'open'
     JOIN identities i ON i.tenant_id = f.tenant_id AND i.id = f.identity_id AND i.gone_at IS NULL
     LEFT JOIN owners o ON o.tenant_id = f.tenant_id AND o.id = f.owner_id
     WHERE h.tenant_id = $1 AND h.ticket_id = $2
       AND (i.kind <> 'access-key' OR i.is_root OR i.access_key_id IS NOT NULL)
     ORDER BY f.id LIMIT ${MOST}`,
    [tenantId, id],
  );
}

function byOwner(findings: readonly OpenFinding[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { id, owner } of findings) {
    const name = owner ?? THE_SERVICE;
    const same = groups.get(name);
    if (same) same.push(id);
    else groups.set(name, [id]);
  }
  return groups;
}
