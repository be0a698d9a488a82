/** Counts what is held at the moment by each of many holders, and who has enough. */
export class Held {
  private readonly counts = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Gives it back when called, once; undefined: the holder has as many as it may. */
  take(holder: string): (() => void) | undefined {
    const count = this.counts.get(holder) ?? 0;
    if (count >= this.most) return undefined;
    this.counts.set(holder, count + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const left = (this.counts.get(holder) ?? 1) - 1;
      if (left === 0) this.counts.delete(holder);
      else this.counts.set(holder, left);
    };
  }
}
