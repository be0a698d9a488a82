import { Injectable } from '@nestjs/common';
import { PublishedEventQueries } from '../../../notifications/publishing/published-event-queries';
import type { Reader } from '../../../paging';
import type { Batch } from '../../core/request-context';
import { PublishedEvent } from './published-event.type';

@Injectable()
export class PublishedEventById implements Batch<string, PublishedEvent | null> {
  constructor(private readonly events: PublishedEventQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(PublishedEvent | null)[]> {
    const rows = new Map((await this.events.byIds(reader, ids)).map((row) => [row.id, new PublishedEvent(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}
