import { useIdentity, type IdentityUse, type UseSurroundings } from './identity-use';
import type { Instant, SimAccessKey, SimAccount, SimPrincipal } from './model';
import { DAY_MS } from './time-line';

/** What was used within so long before time passes is in use, and goes on being used while it passes. */
const IN_USE_MS = 7 * DAY_MS;

/** Whether the policies of the moment refuse a call to a service. Null is root. */
export type Refuses = (account: SimAccount, identity: SimPrincipal | null, service: string) => boolean;

export interface PassOptions {
  /** Nobody uses anything meanwhile. Default false. */
  quiet?: boolean;
  /** Default: nothing is refused. */
  refuses?: Refuses;
}

interface Span {
  from: Instant;
  to: Instant;
  refuses: Refuses;
}

/** Who might go on using what he has: when he last did or tried, and how he would do it again. */
interface Habit {
  holder: object;
  lastUsedAt: Instant | null;
  way: Pick<IdentityUse, 'userName' | 'roleName' | 'accessKeyId' | 'password' | 'service' | 'region'>;
  refused: (refuses: Refuses) => boolean;
}

/**
 * Time that goes on, unlike travel, which ages the data: creations and recorded uses keep their dates, and what is in
 * use is used again, in the end as long ago as it was before. What has to try in vain (a boundary, an inactive key)
 * counts as AWS counts refused attempts, and goes on trying. Accounts that are made later have lived through it, too.
 */
export class PassingTime {
  private readonly spans: Span[] = [];
  /** The newest attempt of each key, password or role: a refused one leaves no other trace in them. */
  private readonly tried = new WeakMap<object, Instant>();

  constructor(private readonly world: UseSurroundings) {}

  /** Throws a `RangeError` on going back. */
  pass(ms: number, accounts: Iterable<SimAccount>, { quiet = false, refuses = () => false }: PassOptions = {}): void {
    const from = this.world.time.second();
    this.world.time.pass(ms);
    if (quiet) return;
    const span = { from, to: this.world.time.second(), refuses };
    this.spans.push(span);
    for (const account of accounts) this.live(account, span);
  }

  /** Has an account that was just made live through all the time that has passed. */
  applyTo(account: SimAccount): void {
    for (const span of this.spans) this.live(account, span);
  }

  private live(account: SimAccount, span: Span): void {
    const { accountId, state } = account.summary;
    if (state !== 'ACTIVE' && state !== 'PENDING_CLOSURE') return;
    for (const { holder, lastUsedAt, way, refused } of habitsOf(account)) {
      for (const at of this.moments(holder, lastUsedAt, span)) {
        useIdentity(this.world, account, { accountId, ...way, at, denied: refused(span.refuses) });
      }
    }
  }

  /** The last two: of a use that has not surfaced yet IAM shows the one before. */
  private moments(holder: object, lastUsedAt: Instant | null, { from, to }: Span): Instant[] {
    const latest = Math.max(lastUsedAt ?? -Infinity, this.tried.get(holder) ?? -Infinity);
    if (latest < from - IN_USE_MS) return [];
    const last = to - Math.max(0, from - latest);
    this.tried.set(holder, last);
    const before = last - Math.max(DAY_MS, this.world.switches.lastUseLagMs);
    return [before, last].filter((at) => at > latest);
  }
}

function* habitsOf(account: SimAccount): Generator<Habit> {
  const { root, users, roles } = account;
  for (const key of root.accessKeys) yield habitOfKey(account, null, key);
  yield signingIn(root, {});
  for (const user of users.values()) {
    for (const key of user.accessKeys) yield habitOfKey(account, user, key);
    if (user.password !== null) yield signingIn(user, { userName: user.name });
  }
  for (const role of roles.values()) {
    const service = role.lastUse?.service ?? 'sts';
    yield {
      holder: role,
      lastUsedAt: role.lastUse?.at ?? null,
      way: { roleName: role.name, service, ...inRegion(role.lastUse?.region) },
      refused: (refuses) => refuses(account, role, service),
    };
  }
}

function habitOfKey(account: SimAccount, user: SimPrincipal | null, key: SimAccessKey): Habit {
  const service = key.lastUse?.service ?? 'sts';
  return {
    holder: key,
    lastUsedAt: key.lastUse?.at ?? null,
    way: { accessKeyId: key.accessKeyId, service, ...inRegion(key.lastUse?.region) },
    refused: (refuses) => !key.active || refuses(account, user, service),
  };
}

/** Policies do not keep anybody from signing in. */
const signingIn = (holder: { passwordLastUsedAt: Instant | null }, who: { userName?: string }): Habit => ({
  holder,
  lastUsedAt: holder.passwordLastUsedAt,
  way: { ...who, password: true },
  refused: () => false,
});

const inRegion = (region: string | undefined): { region?: string } => (region === undefined ? {} : { region });
