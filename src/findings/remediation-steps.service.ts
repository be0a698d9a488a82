import { Injectable } from '@nestjs/common';
import type { Reader } from '../paging';
import type { IdentityRow } from '../scans/identity';
import { IdentityQueries } from '../scans/identity-queries';
import { InventoryReader } from '../scans/inventory-reader';
import type { Steps } from './check';
import { findCheck } from './checks/index';
import { type Subject, subjectsOf } from './subject';

export interface ToMend {
  readonly identityId: string;
  readonly checkId: string;
}

/** How to mend findings, with the names of the inventory as it is now filled in. */
@Injectable()
export class RemediationSteps {
  constructor(
    private readonly identities: IdentityQueries,
    private readonly inventory: InventoryReader,
  ) {}

  /** In the order of `wanted`; null where the identity is gone. */
  async of(reader: Reader, wanted: readonly ToMend[]): Promise<(Steps | null)[]> {
    const subjects = await this.subjects(
      reader,
      wanted.map(({ identityId }) => identityId),
    );
    return wanted.map(({ identityId, checkId }) => {
      const subject = subjects.get(identityId);
      return subject ? steps(checkId, subject) : null;
    });
  }

  private async subjects(reader: Reader, identityIds: readonly string[]): Promise<Map<string, Subject>> {
    const found = new Map<string, Subject>();
    const byTenant = new Map<string, IdentityRow[]>();
    for (const row of await this.identities.byIds(reader, [...new Set(identityIds)])) {
      byTenant.set(row.tenant_id, [...(byTenant.get(row.tenant_id) ?? []), row]);
    }
    for (const [tenantId, own] of byTenant) {
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
