import { Injectable } from '@nestjs/common';
import type { PlanItemRow } from '../../cleanup/items/plan-item';
import { PlanItemQueries } from '../../cleanup/plans/plan-item-queries';
import { PlanQueries } from '../../cleanup/plans/plan-queries';
import { LARGEST_PAGE, type Page } from '../../paging';
import { ReadScope } from '../core/read-scope';
import type { RequestContext } from '../core/request-context';
import { Changes } from '../inventory/changes.service';
import { PlanItem } from './plan-item.type';
import { Plan } from './plan.type';

/** Rows of a slower transaction may appear with an earlier time than those that were told already. */
const LATE_MS = 60_000;

/** Follows plans, for those who look on. */
@Injectable()
export class PlanChanges {
  constructor(
    private readonly scope: ReadScope,
    private readonly plans: PlanQueries,
    private readonly items: PlanItemQueries,
    private readonly changes: Changes,
  ) {}

  /** The plan now, and whenever it or the numbers of its items have changed. Throws NOT_FOUND at once. */
  async ofPlan(ask: RequestContext, planId: string): Promise<AsyncGenerator<Plan>> {
    const look = async (): Promise<Seen<Plan>> => {
      await ask.mustStillBeValid();
      ask.readAgain();
      return this.scope.read(ask.principal, async (reader) => {
        const row = await this.plans.byId(reader, planId);
        const counts = await this.plans.stageCounts(reader, [planId]);
        const sorted = counts.map(({ stage, count }) => `${stage} ${count}`).sort();
        return { value: new Plan(row), print: JSON.stringify([row, sorted]), tenantId: row.tenant_id };
      });
    };
    return this.follow(await look(), look);
  }

  /** The items that changed last, and from then on those that have changed since. Throws NOT_FOUND at once. */
  async ofItems(ask: RequestContext, planId: string): Promise<AsyncGenerator<PlanItem[]>> {
    const told = new Map<string, string>();
    let since: Date | null = null;
    const look = async (): Promise<Seen<PlanItem[]>> => {
      await ask.mustStillBeValid();
      ask.readAgain();
      return this.scope.read(ask.principal, async (reader) => {
        const { tenant_id: tenantId } = await this.plans.byId(reader, planId);
        const from = since && new Date(since.getTime() - LATE_MS);
        const news: PlanItemRow[] = [];
        let after: string | null = null;
        do {
          const page: Page<PlanItemRow> = await this.items.page(reader, { planId, from }, 'NEWEST', {
            first: LARGEST_PAGE,
            after,
          });
          if (after === null) since = page.rows[0]?.stage_at ?? since;
          const unknown = page.rows.filter((row) => told.get(row.id) !== printOf(row));
          for (const row of unknown) told.set(row.id, printOf(row));
          news.push(...unknown);
          // The newest come first: where a page has nothing new, those after it have not, either.
          after = from !== null && unknown.length > 0 && page.hasNextPage ? (page.cursors.at(-1) ?? null) : null;
        } while (after !== null);
        const print = news.map(({ id }) => id).join();
        return { value: news.map((row) => new PlanItem(row)), print, tenantId };
      });
    };
    return this.follow(await look(), look, (seen) => seen.value.length > 0);
  }

  private async *follow<T>(
    first: Seen<T>,
    look: () => Promise<Seen<T>>,
    isNews: (seen: Seen<T>, before: Seen<T>) => boolean = (seen, before) => seen.print !== before.print,
  ): AsyncGenerator<T> {
    const watch = await this.changes.watch(first.tenantId);
    try {
      let seen = first;
      for (;;) {
        yield seen.value;
        let next = seen;
        do {
          await watch.next();
          next = await look();
        } while (!isNews(next, seen));
        seen = next;
      }
    } finally {
      watch.end();
    }
  }
}

interface Seen<T> {
  readonly value: T;
  readonly print: string;
  readonly tenantId: string;
}

const printOf = ({ stage, stage_at: at, next_at: next, reason }: PlanItemRow): string =>
  JSON.stringify([stage, at, next, reason]);
