import type { SimAccount } from './world/model';
import type { World } from './world/world';

interface Stale {
  account: SimAccount;
  visibleUntil: number;
}

/** What the organization says of an account, and what reads of it may see yet. */
export class Directory {
  private readonly stale = new Map<string, Stale[]>();
  private readonly serviceControl = new Map<string, string>();

  constructor(private readonly world: World) {}

  organizationIdOf(accountId: string): string | undefined {
    return this.world.organization.accounts.has(accountId) ? this.world.organization.id : undefined;
  }

  /** Service control policies never bind the management account. */
  serviceControlPolicy(accountId: string): string | undefined {
    return accountId === this.world.organization.managementAccountId ? undefined : this.serviceControl.get(accountId);
  }

  setServiceControlPolicy(accountId: string, document: string | null): void {
    if (document === null) this.serviceControl.delete(accountId);
    else this.serviceControl.set(accountId, document);
  }

  /** Keeps the state before a write, for reads that must not see it yet. */
  rememberBeforeWrite(account: SimAccount, delayMs: number): void {
    if (delayMs <= 0) return;
    const list = this.stale.get(account.summary.accountId) ?? [];
    list.push({ account: structuredClone(account), visibleUntil: this.world.time.elapsed() + delayMs });
    this.stale.set(account.summary.accountId, list);
  }

  /** What reads see: the state before the oldest write that is not visible yet. */
  readView(account: SimAccount): SimAccount {
    const list = this.stale.get(account.summary.accountId);
    if (!list) return account;
    const waiting = list.filter(({ visibleUntil }) => visibleUntil > this.world.time.elapsed());
    if (waiting.length === 0) this.stale.delete(account.summary.accountId);
    else this.stale.set(account.summary.accountId, waiting);
    return waiting[0]?.account ?? account;
  }
}
