import { Injectable } from '@nestjs/common';
import { findCheck } from '../../findings/checks/index';
import { FindingQueries } from '../../findings/finding-queries';
import { type Subject, subjectsOf } from '../../findings/subject';
import type { Reader } from '../../paging';
import { IdentityQueries } from '../../scans/identity-queries';
import { InventoryReader } from '../../scans/inventory-reader';
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

export interface ToMend {
  readonly identityId: string;
  readonly checkId: string;
}

/** How to mend findings, with the names of the inventory as it is now filled in; null where the identity is gone. */
@Injectable()
export class Remediations implements Batch<ToMend, Steps | null> {
  constructor(
    private readonly identities: IdentityQueries,
    private readonly inventory: InventoryReader,
  ) {}

  async load(reader: Reader, keys: readonly ToMend[]): Promise<(Steps | null)[]> {
    const subjects = await this.subjects(
      reader,
      keys.map(({ identityId }) => identityId),
    );
    return keys.map(({ identityId, checkId }) => {
      const subject = subjects.get(identityId);
      return subject ? steps(checkId, subject) : null;
    });
  }

  private async subjects(reader: Reader, identityIds: readonly string[]): Promise<Map<string, Subject>> {
    const found = new Map<string, Subject>();
    const rows = await this.identities.byIds(reader, [...new Set(identityIds)]);
    for (const [tenantId, own] of groupBy(rows, (row) => row.tenant_id)) {
      const roleIds = own.filter(({ kind }) => kind === 'role').map(({ id }) => id);
      const userIds = [...new Set(own.filter(({ kind }) => kind !== 'role').map(({ id, owner_id }) => owner_id ?? id))];
      const roles = roleIds.length > 0 ? await this.inventory.rolesById(reader.manager, tenantId, roleIds) : [];
      const users = userIds.length > 0 ? await this.inventory.usersById(reader.manager, tenantId, userIds) : [];
      for (const { id, role } of roles) found.set(id, { kind: 'role', ref: id, role });
      for (const { id, user, passwordId, keys } of users) {
        const ofKeys = keys.map((key) => ({ ref: key.id, inactiveSince: key.inactiveSince }));
        const principal = { kind: 'user', ref: id, user, passwordRef: passwordId, keys: ofKeys } as const;
        for (const subject of subjectsOf(principal)) found.set(subject.ref, subject);
      }
    }
    return found;
  }
}

function steps(checkId: string, subject: Subject): Steps | null {
  const check = findCheck(checkId);
  switch (check?.kind) {
    case 'user':
      return subject.kind === 'user' ? check.remediation(subject) : null;
    case 'role':
      return subject.kind === 'role' ? check.remediation(subject) : null;
    case 'password':
      return subject.kind === 'password' ? check.remediation(subject) : null;
    case 'access-key':
      return subject.kind === 'access-key' ? check.remediation(subject) : null;
    case undefined:
      return null;
  }
}
