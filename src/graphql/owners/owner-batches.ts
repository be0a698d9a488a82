import { Injectable } from '@nestjs/common';
import { OwnerQueries } from '../../findings/owners/owner-queries';
import type { Reader } from '../../paging';
import type { Batch } from '../core/request-context';
import { Owner, Reassignment } from './owner.type';

@Injectable()
export class OwnerById implements Batch<string, Owner | null> {
  constructor(private readonly owners: OwnerQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Owner | null)[]> {
    const rows = new Map((await this.owners.byIds(reader, ids)).map((row) => [row.id, new Owner(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

@Injectable()
export class OpenFindingsOfOwner implements Batch<string, number> {
  constructor(private readonly owners: OwnerQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<number[]> {
    const counts = await this.owners.openFindings(reader, ids);
    return ids.map((id) => counts.get(id) ?? 0);
  }
}

@Injectable()
export class ReassignmentOfFinding implements Batch<string, Reassignment | null> {
  constructor(private readonly owners: OwnerQueries) {}

  async load(reader: Reader, findingIds: readonly string[]): Promise<(Reassignment | null)[]> {
    const rows = await this.owners.reassignments(reader, findingIds);
    const byFinding = new Map(rows.map((row) => [row.finding_id, Reassignment.from(row)]));
    return findingIds.map((id) => byFinding.get(id) ?? null);
  }
}
