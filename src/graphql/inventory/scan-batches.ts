import { Injectable } from '@nestjs/common';
import type { Reader } from '../../paging';
import { ScanQueries } from '../../scans/scan-queries';
import type { Batch } from '../core/request-context';
import { Scan } from './scan.type';

@Injectable()
export class ScanById implements Batch<string, Scan | null> {
  constructor(private readonly scans: ScanQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Scan | null)[]> {
    const rows = new Map((await this.scans.byIds(reader, ids)).map((row) => [row.id, new Scan(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}
