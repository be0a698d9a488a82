import { Injectable } from '@nestjs/common';
import type { ExemptionRow } from '../../findings/exemptions/exemption';
import { ExemptionQueries } from '../../findings/exemptions/exemption-queries';
import type { Reader } from '../../paging';
import { groupBy } from '../core/group-by';
import type { Batch } from '../core/request-context';
import { Event } from '../findings/finding.type';
import { Exemption } from './exemption.type';

@Injectable()
export class ExemptionById implements Batch<string, Exemption | null> {
  constructor(private readonly exemptions: ExemptionQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Exemption | null)[]> {
    const rows = new Map((await this.exemptions.byIds(reader, ids)).map((row: ExemptionRow) => [row.id, row]));
    return ids.map((id) => {
      const row = rows.get(id);
      return row ? new Exemption(row) : null;
    });
  }
}

@Injectable()
export class FindingsCountOfExemption implements Batch<string, number> {
  constructor(private readonly exemptions: ExemptionQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<number[]> {
    const counts = await this.exemptions.findingCounts(reader, ids);
    return ids.map((id) => counts.get(id) ?? 0);
  }
}

@Injectable()
export class HistoryOfExemption implements Batch<string, Event[]> {
  constructor(private readonly exemptions: ExemptionQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<Event[][]> {
    const byExemption = groupBy(await this.exemptions.history(reader, ids), (event) => event.object_id);
    return ids.map((id) => (byExemption.get(id) ?? []).map((event) => Event.from(event)));
  }
}
