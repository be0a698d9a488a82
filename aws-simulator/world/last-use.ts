import type { Instant, LastUse, SimAccessKey, SimPrincipal, SimRole } from './model';
import type { WorldSwitches } from './options';
import { DAY_MS, type TimeLine } from './time-line';

/** More than one use within 15 minutes is recorded once (IAM user guide, credential report). */
const KEY_STEP_MS = 15 * 60_000;
/** More than one sign-in within 5 minutes is recorded once. */
const PASSWORD_STEP_MS = 5 * 60_000;
/** The lag of service-last-accessed data is about four hours. */
const ATTEMPTS_KEPT_MS = 2 * DAY_MS;
const KEY_TRACKING_START = Date.UTC(2015, 3, 22);
const PASSWORD_TRACKING_START = Date.UTC(2014, 9, 20);

/** Who signs in with a password: a user, or the root user. */
export interface PasswordHolder {
  passwordLastUsedAt: Instant | null;
}

const stepped = (at: Instant, stepMs: number): Instant => Math.floor(at / stepMs) * stepMs;

/**
 * What IAM shows of a use: later than it happened (lag), in steps, and only from the tracking period. While a use
 * has not surfaced the one before it shows; data that was generated or set by hand shows at once.
 */
export class LastUses {
  private readonly before = new WeakMap<LastUse, LastUse | null>();
  private readonly signIns = new WeakMap<PasswordHolder, (Instant | null)[]>();
  private readonly attempts = new WeakMap<SimPrincipal, Map<string, Instant[]>>();

  constructor(
    private readonly time: TimeLine,
    private readonly switches: WorldSwitches,
  ) {}

  record(identity: SimAccessKey | SimRole, use: LastUse): void {
    this.before.set(use, identity.lastUse);
    identity.lastUse = use;
  }

  recordSignIn(holder: PasswordHolder, at: Instant): void {
    const earlier = this.signIns.get(holder) ?? [];
    this.signIns.set(holder, [...earlier, holder.passwordLastUsedAt]);
    holder.passwordLastUsedAt = at;
  }

  /** An attempt to use a service, refused or not. */
  recordAttempt(principal: SimPrincipal, service: string, at: Instant): void {
    const known = principal.serviceAttempts.get(service);
    if (known !== undefined && known >= at) return;
    principal.serviceAttempts.set(service, at);
    if (known === undefined) return;
    const earlier = this.attempts.get(principal) ?? new Map<string, Instant[]>();
    this.attempts.set(principal, earlier);
    // What is older than any lag that makes sense can show no more, but for the newest of it.
    const kept = (earlier.get(service) ?? []).filter((one) => one > at - ATTEMPTS_KEPT_MS);
    earlier.set(service, [...kept, known]);
  }

  /** The newest attempt that had surfaced at an instant, as service-last-accessed data has it. */
  attemptVisible(principal: SimPrincipal, service: string, until: Instant): Instant | undefined {
    const newest = principal.serviceAttempts.get(service);
    if (newest === undefined || newest <= until) return newest;
    return this.attempts
      .get(principal)
      ?.get(service)
      ?.findLast((one) => one <= until);
  }

  /** Forgets recorded sign-ins, because the date was set by hand. */
  forgetSignIns(holder: PasswordHolder): void {
    this.signIns.delete(holder);
  }

  /** The last use that had surfaced at an instant (default: now). */
  visible(use: LastUse | null, at: Instant = this.time.now()): LastUse | null {
    let shown = use;
    while (shown !== null && shown.at > at - this.switches.lastUseLagMs) {
      const earlier = this.before.get(shown);
      if (earlier === undefined) break;
      shown = earlier;
    }
    return shown;
  }

  ofKey(key: SimAccessKey, at: Instant = this.time.now()): LastUse | null {
    const use = this.visible(key.lastUse, at);
    if (use === null || use.at - this.time.offsetMs < KEY_TRACKING_START) return null;
    return { ...use, at: stepped(use.at, KEY_STEP_MS) };
  }

  /** Null when the last use lies outside the trailing window: `RoleLastUsed` is then an empty element. */
  ofRole(role: SimRole, at: Instant = this.time.now()): LastUse | null {
    const use = this.visible(role.lastUse, at);
    return use === null || use.at < at - this.switches.roleTrackingDays * DAY_MS ? null : use;
  }

  ofPassword(holder: PasswordHolder, at: Instant = this.time.now()): Instant | null {
    const earlier = [...(this.signIns.get(holder) ?? [])];
    let shown = holder.passwordLastUsedAt;
    while (shown !== null && earlier.length > 0 && shown > at - this.switches.lastUseLagMs)
      shown = earlier.pop() ?? null;
    if (shown === null || shown - this.time.offsetMs < PASSWORD_TRACKING_START) return null;
    return stepped(shown, PASSWORD_STEP_MS);
  }
}
