import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../clock';

interface Named<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
}

/** A gauge of what stands in the database: read anew whenever the numbers are asked for; what is no longer there is gone. */
export function gaugeOfRows<Row, L extends string>(
  registry: Registry,
  { name, help, labelNames }: Named<L>,
  read: () => Promise<readonly Row[]>,
  point: (row: Row) => { readonly labels: Partial<Record<L, string>>; readonly value: number },
): void {
  new Gauge<L>({
    ...{ name, help, labelNames, registers: [registry] },
    async collect(): Promise<void> {
      const rows = await read();
      this.reset();
      for (const row of rows) {
        const { labels, value } = point(row);
        this.set(labels, value);
      }
    },
  });
}

/** For gauges that show the same rows: asked for together, these are read once. */
export function readTogether<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read().finally(() => (reading = undefined)));
}

/** Never below 0, whatever the clocks say. */
export const secondsSince = (at: Date, clock: Clock): number =>
  Math.max(0, (clock.now().getTime() - at.getTime()) / 1_000);
