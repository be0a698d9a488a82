import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../clock';
import { badInput } from '../../errors';
import { newId } from '../../ids';
import { checkOwnerName } from '../owners/owner-name';
import { OwnersService } from '../owners/owners.service';
import { type ExemptionLimits, type ExemptionRow, type ExemptionScope, scopeOf } from './exemption';
import { ExemptionRecords } from './exemption-records.service';
import { checkReason, checkRequest, type ExemptionRequest } from './exemption-request';
import { assertNotTooLong, endOf, needsSecondPerson } from './exemption-terms';
import { LongestExemption } from './longest-exemption.service';
import { namedByFindings } from './named-by-findings';

/** Who decides: a name to show, and who is behind it. */
export interface Deciding {
  readonly name: string;
  readonly standsFor: string;
}

export interface ExemptionTerms {
  readonly reason: string;
  readonly owner: string;
  /** Default: 90 days from now. */
  readonly until?: Date | null | undefined;
}

/** Making exemptions, and prolonging them. */
@Injectable()
export class ExemptionMaking {
  constructor(
    private readonly clock: Clock,
    private readonly owners: OwnersService,
    private readonly records: ExemptionRecords,
    private readonly longest: LongestExemption,
  ) {}

  /**
   * Makes an exemption. A narrow one of up to 90 days holds at once; a wide or long one waits for a second person.
   * Throws BAD_INPUT naming the field: also for an identity or account that the tenant does not have.
   */
  async make(
    manager: EntityManager,
    tenantId: string,
    by: Deciding,
    request: ExemptionRequest & ExemptionTerms,
  ): Promise<string> {
    const { scope, limits } = checkRequest(request);
    await assertThere(manager, tenantId, scope, limits);
    const [id] = await this.insert(manager, tenantId, by, request, [{ scope, limits }]);
    return id ?? '';
  }

  /**
   * One exemption by unique id for the identity of each of these findings, for their checks only. Throws BAD_INPUT for an
   * empty or too long list, NOT_FOUND for a finding that is not the tenant's.
   */
  async exemptFindings(
    manager: EntityManager,
    tenantId: string,
    by: Deciding,
    findingIds: readonly string[],
    terms: ExemptionTerms,
  ): Promise<string[]> {
    return this.insert(manager, tenantId, by, terms, await namedByFindings(manager, tenantId, findingIds));
  }

  /** The same, but whoever asks for it has no say: each waits for somebody's agreement, however narrow and short it is. */
  async proposeForFindings(
    manager: EntityManager,
    tenantId: string,
    by: Deciding,
    findingIds: readonly string[],
    terms: ExemptionTerms,
  ): Promise<string[]> {
    const named = await namedByFindings(manager, tenantId, findingIds);
    return this.insert(manager, tenantId, by, { ...terms, proposed: true }, named);
  }

  /**
   * A later end, under the same rules: a wide exemption, or one that lasts over 90 days in all, waits for a second person
   * and meanwhile ends when it would have. Throws BAD_INPUT, or NOT_FOUND.
   */
  async extend(manager: EntityManager, tenantId: string, by: Deciding, id: string, until: Date): Promise<void> {
    const before = await this.records.hold(manager, tenantId, id);
    const now = this.clock.now();
    if (before.state !== 'in-force' || before.ends_at <= now) {
      throw badInput(`id: this exemption is ${before.state.replace('-', ' ')}; make a new one.`);
    }
    if (before.proposed_ends_at !== null) {
      throw badInput('id: an extension waits for a second person already: it must be agreed to or refused first.');
    }
    if (until <= before.ends_at) {
      throw badInput(`until: must be later than ${before.ends_at.toISOString()}; to end it earlier use endExemption.`);
    }
    assertNotTooLong(until, now, await this.longest.days(manager));
    const waits = needsSecondPerson(scopeOf(before), before.made_at, until);
    await manager.query(
      waits
        ? `UPDATE exemptions SET proposed_ends_at = $3, proposed_by = $4, proposed_by_stands_for = $5
           WHERE tenant_id = $1 AND id = $2`
        : `UPDATE exemptions SET ends_at = $3 WHERE tenant_id = $1 AND id = $2`,
      waits ? [tenantId, id, until, by.name, by.standsFor] : [tenantId, id, until],
    );
    const after = await this.records.hold(manager, tenantId, id);
    await this.records.tell(manager, waits ? 'extension-proposed' : 'extended', before, after);
    if (!waits) await this.records.watch(manager, [after], now);
  }

  private async insert(
    manager: EntityManager,
    tenantId: string,
    by: Deciding,
    terms: ExemptionTerms & { readonly proposed?: boolean },
    spared: readonly { readonly scope: ExemptionScope; readonly limits: ExemptionLimits }[],
  ): Promise<string[]> {
    const now = this.clock.now();
    const reason = checkReason(terms.reason);
    const owner = checkOwnerName(terms.owner);
    const endsAt = endOf(terms.until ?? null, now, await this.longest.days(manager));
    const ownerIds = await this.owners.ensure(manager, tenantId, [owner]);
    const made: ExemptionRow[] = [];
    for (const { scope, limits } of spared) {
      const state = terms.proposed === true || needsSecondPerson(scope, now, endsAt) ? 'pending' : 'in-force';
      const [row] = await manager.query<ExemptionRow[]>(
        `INSERT INTO exemptions (tenant_id, id, scope_kind, scope_value, tag_value, checks, kinds, accounts,
           organizational_units, reason, owner_id, state, made_by, made_by_stands_for, made_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING *`,
        [
          ...[tenantId, newId(), ...columnsOf(scope), limits.checks, limits.kinds, limits.accounts],
          ...[limits.organizationalUnits, reason, ownerIds.get(owner), state, by.name, by.standsFor, now, endsAt],
        ],
      );
      if (!row) throw new Error('INSERT … RETURNING gave no row');
      made.push(row);
    }
    await this.records.begin(manager, made, now);
    return made.map(({ id }) => id);
  }
}

function columnsOf(scope: ExemptionScope): [string, string, string | null] {
  switch (scope.kind) {
    case 'identity':
      return [scope.kind, scope.uniqueId, null];
    case 'glob':
      return [scope.kind, scope.pattern, null];
    case 'tag':
      return [scope.kind, scope.key, scope.value];
    case 'account':
      return [scope.kind, scope.awsAccountId, null];
  }
}

/** A misspelt id would silently spare nothing. */
async function assertThere(
  manager: EntityManager,
  tenantId: string,
  scope: ExemptionScope,
  limits: ExemptionLimits,
): Promise<void> {
  if (scope.kind === 'identity') {
    const found = await manager.query<unknown[]>(
      `SELECT 1 FROM identities WHERE tenant_id = $1 AND (unique_id = $2 OR access_key_id = $2) AND gone_at IS NULL LIMIT 1`,
      [tenantId, scope.uniqueId],
    );
    if (found.length === 0) {
      throw badInput(
        `scope.uniqueId: the inventory has no ${scope.uniqueId}; the query "lookup" finds identities by name or ARN.`,
      );
    }
  }
  const wanted = scope.kind === 'account' ? [scope.awsAccountId] : (limits.accounts ?? []);
  const known = await manager.query<{ aws_account_id: string }[]>(
    'SELECT DISTINCT aws_account_id FROM accounts WHERE tenant_id = $1 AND aws_account_id = ANY ($2::text[])',
    [tenantId, wanted],
  );
  const missing = wanted.find((id) => !known.some(({ aws_account_id }) => aws_account_id === id));
  if (missing === undefined) return;
  throw badInput(
    `${scope.kind === 'account' ? 'scope.awsAccountId' : 'accounts'}: there is no account ${missing} here.`,
  );
}
