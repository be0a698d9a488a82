import { ResolveField, Resolver } from '@nestjs/graphql';
import sql, { join, raw } from 'sql-template-tag';
import { Config } from '../../../config';
import { run } from '../../../paging';
import type { Principal } from '../../../tenancy/principal';
import { Allow } from '../../core/allow';
import { Ask } from '../../core/ask';
import { isAllowed } from '../../core/permissions';
import { ReadScope } from '../../core/read-scope';
import { RequestContext } from '../../core/request-context';
import { Viewer } from '../tenant.type';
import { waitings } from './index';
import type { Waiting } from './waiting';
import { WaitingForMe } from './waiting.type';

@Resolver(() => Viewer)
export class WaitingResolver {
  constructor(
    private readonly scope: ReadScope,
    private readonly config: Config,
  ) {}

  @ResolveField(() => [WaitingForMe], {
    description: 'What waits until you decide or mend it, by kind; nothing that you may not do, nor agree to.',
  })
  @Allow('read')
  async waitingForMe(@Ask() { principal }: RequestContext): Promise<WaitingForMe[]> {
    const mine = waitings.filter((waiting) => isFor(waiting, principal));
    if (mine.length === 0) return [];
    const counts = await this.scope.read(principal, async ({ manager }) => {
      const reader = { manager, tenantId: principal.tenantId };
      // One statement for all of them.
      const columns = mine.map((waiting, at) => sql`(${waiting.count(reader, principal)}) AS ${raw(`n${at}`)}`);
      const [row] = await run<Record<string, number>>(manager, sql`SELECT ${join(columns)}`);
      return row ?? {};
    });
    const url = this.config.publicUrl === null ? null : `${this.config.publicUrl}/`;
    return mine.flatMap(({ kind }, at) => {
      const count = counts[`n${at}`] ?? 0;
      return count > 0 ? [{ kind, count, url }] : [];
    });
  }
}

const isFor = ({ for: operation, scope }: Waiting, principal: Principal): boolean =>
  (scope === 'both' || scope === principal.scope) && isAllowed(operation, principal.scope, principal.role);
