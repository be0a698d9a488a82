import type { AppliedWrite } from '../../../aws-simulator/limits/write-ledger';
import type { CleanUpAccount } from '../aws-account';
import { CLEANUP_ROLE, RESTORE_ROLE } from '../aws-account';
import type { CleanUpWorld } from '../clean-up-world';
import { DENY_ALL, type Made } from './population';
import { look, type Seen } from './sight';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Dates are whole seconds, and a turn takes some. */
const TOLERANCE_MS = 10 * 60_000;

/** In days. */
export interface Graces {
  readonly accessKey: number;
  readonly password: number;
  readonly user: number;
  readonly role: number;
}

interface ItemRow {
  readonly id: string;
  readonly course: 'access-key' | 'observed-key' | 'password' | 'user' | 'role';
  readonly principal_id: string;
  readonly name: string;
  readonly access_key_id: string | null;
  readonly stage: string;
  readonly quarantined_at: Date | null;
  readonly silenced_at: Date | null;
}

const GIVES_BACK = new Set(['DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary']);
const QUARANTINES = new Set(['PutUserPermissionsBoundary', 'PutRolePermissionsBoundary', 'UpdateAccessKey']);

const by = ({ principalArn }: AppliedWrite, role: string): boolean => principalArn.includes(`:assumed-role/${role}/`);

interface Before {
  readonly seen: ReadonlyMap<string, Seen>;
  readonly exempt: ReadonlySet<string>;
}

export interface Watched {
  readonly account: CleanUpAccount;
  readonly made: readonly Made[];
  readonly idleDays: number;
  readonly graces: Graces;
  readonly silenceHours: number;
}

/**
 * Compares what the simulator's ledger says was written with what its own data said before the turn. It knows nothing of
 * how the service decides: of the service's it reads only which items were agreed to, and which identities are exempt.
 */
export class Watch {
  readonly violations: string[] = [];
  private before: Before = { seen: new Map(), exempt: new Set() };
  private known = 0;
  /** When it was put there, by AWS's clock; of keys when they were made inactive. */
  private readonly quarantinedAt = new Map<string, number>();

  constructor(
    private readonly world: CleanUpWorld,
    private readonly watched: Watched,
  ) {}

  get deletions(): number {
    return this.writes.filter(({ action }) =>
      ['DeleteUser', 'DeleteRole', 'DeleteAccessKey', 'DeleteLoginProfile'].includes(action),
    ).length;
  }

  get writes(): AppliedWrite[] {
    const { awsAccountId } = this.watched.account;
    return this.world.control
      .writes({ accountId: awsAccountId })
      .filter((write) => by(write, CLEANUP_ROLE) || by(write, RESTORE_ROLE));
  }

  /** Call it before each turn: what happens during it is nothing that its checks could have seen. */
  async look(): Promise<void> {
    const { world } = this.world.pipeline.simulator;
    const { tenantId, awsAccountId } = this.watched.account;
    const rows = await this.world.pipeline.rows<{ scope_value: string }>(
      `SELECT scope_value FROM exemptions
       WHERE tenant_id = $1 AND state = 'in-force' AND scope_kind = 'identity' AND ends_at > $2`,
      [tenantId, this.world.clock.now()],
    );
    this.before = {
      seen: look(world, this.world.control.switches().services, awsAccountId),
      exempt: new Set(rows.map((row) => row.scope_value)),
    };
  }

  /** Call it after each turn. */
  async check(): Promise<void> {
    const items = await this.agreedItems();
    const all = this.writes;
    const parameters = this.parameters();
    for (const write of all.slice(this.known)) this.checkWrite(write, items, parameters.get(write.requestId) ?? {});
    this.known = all.length;
  }

  private checkWrite(write: AppliedWrite, items: readonly ItemRow[], parameters: Record<string, string>): void {
    const own = items.filter((item) => this.isAbout(write, item, parameters));
    const what = `${write.action} of ${[...write.identityIds, ...write.objectIds].join(', ')}`;
    if (own.length === 0) return this.complain(`${what}: outside of every manifest that was agreed to`);
    for (const id of write.identityIds) this.checkReserved(id, what);
    if (by(write, RESTORE_ROLE)) return;
    const key = parameters['AccessKeyId'];
    const held = key ?? own[0]?.principal_id ?? '';
    if (GIVES_BACK.has(write.action) || parameters['Status'] === 'Active') {
      this.quarantinedAt.delete(held);
      return;
    }
    const seen = this.before.seen.get(own[0]?.principal_id ?? '');
    if (!seen) return this.complain(`${what}: it was not there before`);
    if (QUARANTINES.has(write.action)) {
      if (key === undefined && parameters['PermissionsBoundary'] !== DENY_ALL)
        this.complain(`${what}: another boundary`);
      this.quarantinedAt.set(held, Date.parse(write.shownAt));
      this.checkIdle(what, own, seen, { attempts: false });
      return;
    }
    this.checkIdle(what, own, seen, { attempts: true });
    for (const item of own) this.checkQuarantine(what, item, seen, Date.parse(write.shownAt));
  }

  /** Whether an item covers it: exactly that user, role or key, by its unique id. */
  private isAbout(write: AppliedWrite, item: ItemRow, parameters: Record<string, string>): boolean {
    const key = parameters['AccessKeyId'];
    if (write.action === 'DeleteVirtualMFADevice') {
      return item.course === 'user' && write.objectIds.some((id) => id.endsWith(`:mfa/${item.name}`));
    }
    // What is made again has a unique id that nobody could have agreed to.
    const isRestored = by(write, RESTORE_ROLE) && (parameters['UserName'] ?? parameters['RoleName']) === item.name;
    if (isRestored) return true;
    if (!write.identityIds.includes(item.principal_id)) return false;
    if (item.course === 'user' || item.course === 'role') return true;
    if (item.course === 'password') return write.action === 'DeleteLoginProfile';
    if (key !== undefined) return key === item.access_key_id;
    return item.course === 'observed-key' && write.action.includes('Boundary');
  }

  private checkReserved(uniqueId: string, what: string): void {
    const sketch = this.watched.made.find((one) => one.uniqueId === uniqueId)?.sketch;
    if (sketch?.reserved === 'managed-as-code') this.complain(`${what}: it is managed as code`);
    if (sketch?.kind === 'role' && sketch.serviceLinked) this.complain(`${what}: it is a service's`);
    if (sketch?.reserved?.startsWith('own-') === true && what.includes('Boundary'))
      this.complain(`${what}: it has a boundary of its own`);
  }

  private checkIdle(what: string, own: readonly ItemRow[], seen: Seen, looked: { attempts: boolean }): void {
    const { exempt } = this.before;
    const since = Math.max(...own.map((item) => idleSince(item, seen, looked.attempts)));
    const idleMs = this.world.clock.now().getTime() - since;
    if (idleMs < this.watched.idleDays * DAY_MS - TOLERANCE_MS) {
      this.complain(`${what}: it was in use ${(idleMs / DAY_MS).toFixed(2)} days before`);
    }
    if (
      own.some(
        (item) => exempt.has(item.principal_id) || (item.access_key_id !== null && exempt.has(item.access_key_id)),
      )
    ) {
      this.complain(`${what}: it was exempt`);
    }
  }

  private checkQuarantine(what: string, item: ItemRow, seen: Seen, at: number): void {
    const { graces, silenceHours } = this.watched;
    const since = (id: string): number => this.quarantinedAt.get(id) ?? Number.POSITIVE_INFINITY;
    const lasted = (id: string, days: number): boolean => at - since(id) >= days * DAY_MS - TOLERANCE_MS;
    const announced = item.quarantined_at?.getTime() ?? Number.POSITIVE_INFINITY;
    switch (item.course) {
      case 'password':
        if (at - announced < graces.password * DAY_MS - TOLERANCE_MS) this.complain(`${what}: no full notice`);
        return;
      case 'observed-key':
        if (!lasted(item.principal_id, graces.accessKey)) this.complain(`${what}: no full quarantine`);
        if (seen.boundaryArn !== DENY_ALL) this.complain(`${what}: it could act when it was taken up`);
        return;
      case 'access-key': {
        const key = item.access_key_id ?? '';
        const inactiveBefore = !this.quarantinedAt.has(key) && seen.keys.get(key)?.active === false;
        const held = inactiveBefore && at - announced >= graces.accessKey * DAY_MS - TOLERANCE_MS;
        if (!held && !lasted(key, graces.accessKey)) this.complain(`${what}: no full quarantine`);
        return;
      }
      case 'role':
      case 'user': {
        if (seen.boundaryArn !== DENY_ALL) this.complain(`${what}: it could act when it was taken up`);
        if (!lasted(item.principal_id, graces[item.course])) this.complain(`${what}: no full quarantine`);
        for (const [id, key] of seen.keys) {
          const silent = !this.quarantinedAt.has(id) || at - since(id) >= silenceHours * HOUR_MS - TOLERANCE_MS;
          if (key.active || !silent) this.complain(`${what}: the key ${id} was not silent for ${silenceHours} hours`);
        }
      }
    }
  }

  private complain(what: string): void {
    this.violations.push(what);
  }

  private agreedItems(): Promise<ItemRow[]> {
    const { tenantId, awsAccountId } = this.watched.account;
    return this.world.pipeline.rows<ItemRow>(
      `SELECT i.id, i.course, i.principal_id, i.name, i.access_key_id, i.stage, i.quarantined_at, i.silenced_at
       FROM plan_items i JOIN plans p ON p.tenant_id = i.tenant_id AND p.id = i.plan_id
       WHERE i.tenant_id = $1 AND i.aws_account_id = $2 AND p.approved_at IS NOT NULL AND NOT p.dry_run
         AND i.stage <> 'refused'`,
      [tenantId, awsAccountId],
    );
  }

  private parameters(): Map<string, Record<string, string>> {
    const { awsAccountId } = this.watched.account;
    const log = this.world.control.log({ accountId: awsAccountId, limit: 1e6 });
    return new Map(log.map(({ id, parameters }) => [id, parameters]));
  }
}

function idleSince(item: ItemRow, seen: Seen, attempts: boolean): number {
  switch (item.course) {
    case 'access-key':
      return seen.keys.get(item.access_key_id ?? '')?.idleSince ?? 0;
    case 'observed-key':
      return Math.max(seen.keys.get(item.access_key_id ?? '')?.idleSince ?? 0, attempts ? seen.attemptedAt : 0);
    case 'password':
      return seen.passwordIdleSince ?? 0;
    case 'user':
    case 'role':
      return attempts ? Math.max(seen.idleSince, seen.attemptedAt) : seen.idleSince;
  }
}
