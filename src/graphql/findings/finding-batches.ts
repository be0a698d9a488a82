import { Injectable } from '@nestjs/common';
import { FindingQueries } from '../../findings/finding-queries';
import { RemediationSteps, type ToMend } from '../../findings/remediation-steps.service';
import type { Reader } from '../../paging';
import { groupBy } from '../core/group-by';
import type { Batch } from '../core/request-context';
import type { Steps } from '../core/steps.type';
import { Event, Finding } from './finding.type';

@Injectable()
export class FindingById implements Batch<string, Finding | null> {
  constructor(private readonly findings: FindingQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Finding | null)[]> {
    const rows = new Map((await this.findings.byIds(reader, ids)).map((row) => [row.id, new Finding(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

@Injectable()
export class FindingsOfIdentity implements Batch<string, Finding[]> {
  constructor(private readonly findings: FindingQueries) {}

  async load(reader: Reader, identityIds: readonly string[]): Promise<Finding[][]> {
    const byIdentity = groupBy(await this.findings.ofIdentities(reader, identityIds), (row) => row.identity_id);
    return identityIds.map((id) => (byIdentity.get(id) ?? []).map((row) => new Finding(row)));
  }
}

@Injectable()
export class HistoryOfFinding implements Batch<string, Event[]> {
  constructor(private readonly findings: FindingQueries) {}

  async load(reader: Reader, findingIds: readonly string[]): Promise<Event[][]> {
    const byFinding = groupBy(await this.findings.history(reader, findingIds), (event) => event.finding_id);
    return findingIds.map((id) => (byFinding.get(id) ?? []).map((event) => Event.from(event)));
  }
}

/** How to mend findings, with the names of the inventory as it is now filled in; null where the identity is gone. */
@Injectable()
export class Remediations implements Batch<ToMend, Steps | null> {
  constructor(private readonly steps: RemediationSteps) {}

  async load(reader: Reader, keys: readonly ToMend[]): Promise<(Steps | null)[]> {
    return this.steps.of(reader, keys);
  }
}
