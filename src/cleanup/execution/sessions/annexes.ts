import type { AccountAccess } from '../../../aws/account-access';
import { CallCounter, type CallSummary } from '../../../aws/calls';
import type { Step } from '../../steps';
import { type Hanging, hangingOf } from './hanging';

interface Annex {
  readonly hanging: readonly Hanging[];
  access: AccountAccess | null;
}

/**
 * An item's session where more hangs on the item than one policy can name: what hangs on it is shared out over others
 * beside it, each opened when a step first needs it. None of them may do more than the one session would have been let.
 */
export class Annexes {
  private readonly annexes: Annex[];

  /** `open`: null where AWS finds the policy of several too large; of a single one it throws. */
  constructor(
    private readonly own: AccountAccess,
    shares: readonly (readonly Hanging[])[],
    private readonly open: (hanging: readonly Hanging[]) => Promise<AccountAccess | null>,
  ) {
    this.annexes = shares.map((hanging) => ({ hanging, access: null }));
  }

  /** The session that may send a step. */
  async of(step: Pick<Step, 'action' | 'input'>): Promise<AccountAccess> {
    const needed = hangingOf(step);
    if (!needed) return this.own;
    const holds = ({ hanging }: Annex): boolean => hanging.some(({ on, id }) => on === needed.on && id === needed.id);
    for (let at = this.annexes.findIndex(holds); at >= 0; at = this.annexes.findIndex(holds)) {
      const annex = this.annexes[at];
      if (!annex) break;
      annex.access ??= await this.open(annex.hanging);
      if (annex.access) return annex.access;
      const half = Math.ceil(annex.hanging.length / 2);
      const halves = [annex.hanging.slice(0, half), annex.hanging.slice(half)];
      this.annexes.splice(at, 1, ...halves.map((hanging): Annex => ({ hanging, access: null })));
    }
    return this.own;
  }

  /** What all of them have sent. */
  calls(): CallSummary {
    const calls = new CallCounter();
    for (const access of [this.own, ...this.opened()]) calls.add(access.calls.summary());
    return calls.summary();
  }

  close(): void {
    for (const access of this.opened()) access.close();
  }

  private opened(): AccountAccess[] {
    return this.annexes.flatMap(({ access }) => (access ? [access] : []));
  }
}
