import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput } from '../../errors';
import { mustBeSecondPerson } from '../../tenancy/second-person';
import type { ExemptionRow } from './exemption';
import type { Deciding } from './exemption-making.service';
import { ExemptionRecords } from './exemption-records.service';
import { assertNotTooLong } from './exemption-terms';
import { LongestExemption } from './longest-exemption.service';

const LONGEST_NOTE = 1_000;

/** What a second person decides about an exemption, and ending one early. All within the caller's transaction. */
@Injectable()
export class ExemptionDecisions {
  constructor(
    private readonly clock: Clock,
    private readonly records: ExemptionRecords,
    private readonly longest: LongestExemption,
  ) {}

  /**
   * Agrees to what waits: the exemption, or its extension, for which `until` must be the end that is agreed to, so that
   * nobody agrees to another one than was read. Throws BAD_INPUT, FORBIDDEN to whoever proposed it, or NOT_FOUND.
   */
  async agree(
    manager: EntityManager,
    tenantId: string,
    by: Deciding,
    id: string,
    until: Date | null = null,
  ): Promise<void> {
    const before = await this.records.hold(manager, tenantId, id);
    const now = this.clock.now();
    const { end, extension } = waiting(before);
    mustBeSecondPerson(by, [(extension ? before.proposed_by_stands_for : before.made_by_stands_for) ?? '']);
    if ((extension || until !== null) && until?.getTime() !== end.getTime()) {
      throw badInput(`until: give the end that you agree to, ${end.toISOString()}.`);
    }
    if ((extension ? before.ends_at : end) <= now) throw badInput('id: it is over already; make a new exemption.');
    assertNotTooLong(end, now, await this.longest.days(manager));
    await manager.query(
      `UPDATE exemptions SET state = 'in-force', ends_at = $3, agreed_by = $4, agreed_by_stands_for = $5, agreed_at = $6,
         proposed_ends_at = NULL, proposed_by = NULL, proposed_by_stands_for = NULL WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, end, by.name, by.standsFor, now],
    );
    const after = await this.records.hold(manager, tenantId, id);
    await this.records.tell(manager, extension ? 'extended' : 'agreed', before, after);
    await this.records.watch(manager, [after], now);
    if (!extension) await this.records.rejudge(manager, [after]);
  }

  /** Refuses what waits; a refused extension leaves the exemption as it is. Throws BAD_INPUT or NOT_FOUND. */
  async refuse(manager: EntityManager, tenantId: string, by: Deciding, id: string, note: string | null): Promise<void> {
    const before = await this.records.hold(manager, tenantId, id);
    const { extension } = waiting(before);
    if (extension) {
      await manager.query(
        `UPDATE exemptions SET proposed_ends_at = NULL, proposed_by = NULL, proposed_by_stands_for = NULL
         WHERE tenant_id = $1 AND id = $2`,
        [tenantId, id],
      );
    } else {
      await this.close(manager, before, 'refused', by.name, note);
    }
    const after = await this.records.hold(manager, tenantId, id);
    await this.records.tell(manager, extension ? 'extension-refused' : 'refused', before, after);
  }

  /** Ends it now; what it spared is judged again. One that is over stays as it is. Throws NOT_FOUND. */
  async end(manager: EntityManager, tenantId: string, by: Deciding, id: string, note: string | null): Promise<void> {
    const before = await this.records.hold(manager, tenantId, id);
    if (before.state !== 'in-force' && before.state !== 'pending') return;
    await this.finish(manager, before, by.name, note);
  }

  /** The same by itself, when its time is over. */
  async lapse(manager: EntityManager, before: ExemptionRow): Promise<void> {
    await this.finish(manager, before, null, null);
  }

  private async finish(
    manager: EntityManager,
    before: ExemptionRow,
    by: string | null,
    note: string | null,
  ): Promise<void> {
    await this.close(manager, before, 'ended', by, note);
    const after = await this.records.hold(manager, before.tenant_id, before.id);
    await this.records.tell(manager, 'ended', before, after);
    if (before.state === 'in-force') await this.records.rejudge(manager, [after]);
  }

  private async close(
    manager: EntityManager,
    { tenant_id, id }: ExemptionRow,
    state: 'refused' | 'ended',
    by: string | null,
    note: string | null,
  ): Promise<void> {
    if (note !== null && note.length > LONGEST_NOTE)
      throw badInput(`note: must have at most ${LONGEST_NOTE} characters.`);
    await manager.query(
      `UPDATE exemptions SET state = $3, ended_by = $4, ended_at = $5, end_note = $6, proposed_ends_at = NULL,
         proposed_by = NULL, proposed_by_stands_for = NULL WHERE tenant_id = $1 AND id = $2`,
      [tenant_id, id, state, by, this.clock.now(), note],
    );
  }
}

/** What a second person is asked for. */
function waiting(row: ExemptionRow): { end: Date; extension: boolean } {
  if (row.state === 'pending') return { end: row.ends_at, extension: false };
  if (row.state === 'in-force' && row.proposed_ends_at !== null) return { end: row.proposed_ends_at, extension: true };
  throw badInput(`id: nothing waits for agreement here; this exemption is ${row.state.replace('-', ' ')}.`);
}
