import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import sql, { type Sql } from 'sql-template-tag';
import { Clock } from '../../clock';
import { checkRequest, type ExemptionRequest } from './exemption-request';
import { reachOf } from './exemption-reach';
import { endOf, needsSecondPerson } from './exemption-terms';
import { LongestExemption } from './longest-exemption.service';

export interface PreviewedExemption {
  readonly endsAt: Date;
  readonly secondPerson: boolean;
  /** The findings that it would spare, as conditions on `FINDINGS`. */
  readonly spared: readonly Sql[];
}

/** What an exemption would spare, before it is made. */
@Injectable()
export class ExemptionPreviews {
  constructor(
    private readonly clock: Clock,
    private readonly longest: LongestExemption,
  ) {}

  /** Throws BAD_INPUT naming the field. */
  async of(
    manager: EntityManager,
    request: ExemptionRequest & { readonly until?: Date | null | undefined },
  ): Promise<PreviewedExemption> {
    const { scope, limits } = checkRequest(request);
    const now = this.clock.now();
    const endsAt = endOf(request.until ?? null, now, await this.longest.days(manager));
    const spared = [sql`f.status = 'open'`, sql`i.gone_at IS NULL`, ...reachOf(scope, limits)];
    if (limits.checks !== null) spared.push(sql`f.check_id = ANY (${limits.checks}::text[])`);
    return { endsAt, secondPerson: needsSecondPerson(scope, now, endsAt), spared };
  }
}
