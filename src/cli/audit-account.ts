import type { AccountAccess } from '../aws/account-access';
import type { CallSummary } from '../aws/calls';
import { judgeAccount, type Judgement } from '../findings/judge';
import { lookupsNeeded, type UserToLookUp } from '../findings/lookups';
import type { PolicySettings } from '../findings/policy';
import { compilePolicy } from '../findings/sparing';
import type { PrincipalToJudge } from '../findings/subject';
import { type AccountReading, collectAccount } from '../scans/collectors/account.collector';
import { collectAccessKeyIds } from '../scans/collectors/key-ids.collector';
import { collectOtherCredentials } from '../scans/collectors/other-credentials.collector';
import type { NotRead } from '../scans/collectors/reading';
import type { ReportWaits } from '../scans/collectors/report.collector';
import type { InventoryAccessKey, InventoryRole, InventoryUser, Known } from '../scans/inventory';
import { withFreshKeys } from './fresh-keys';

/** What one look at one account showed. */
export interface Audit {
  readonly accountId: string;
  readonly partition: string;
  /** The time that was judged at: just before the first read. */
  readonly at: Date;
  /** Partial: something in `notRead`, so findings may be missing. Failed: nothing could be read. */
  readonly outcome: 'complete' | 'partial' | 'failed';
  readonly notRead: readonly NotRead[];
  readonly identities: { readonly users: number; readonly roles: number };
  readonly settings: PolicySettings;
  /** Every verdict, compliant ones too, in the order of the inventory. */
  readonly judgements: readonly Judgement[];
  readonly calls: CallSummary;
}

export interface AuditOptions {
  readonly settings: PolicySettings;
  readonly at?: Date;
  readonly signal?: AbortSignal;
  readonly reportWaits?: ReportWaits;
  /** Told what is being done, for people to watch. */
  readonly onStep?: (step: string) => void;
}

/**
 * The collectors and checks of the service on one account, all in memory: read, judge, look up what the flagged ones
 * still lack, judge again. Nothing is written to AWS.
 * @throws the signal's reason. What AWS refuses is in the outcome.
 */
export async function auditAccount(access: AccountAccess, options: AuditOptions): Promise<Audit> {
  const { settings, signal, at = new Date(), onStep = () => undefined } = options;
  const users = new Map<string, InventoryUser>();
  const roles = new Map<string, InventoryRole>();
  const tell = (): void => onStep(`Reading the account: ${users.size} users, ${roles.size} roles`);
  tell();
  const reading = await collectAccount(access, {
    at,
    signal,
    reportWaits: options.reportWaits,
    onRoles: (page) => {
      for (const role of page) roles.set(role.arn, role);
      tell();
    },
    onUsers: (page) => {
      for (const user of page) users.set(user.arn, user);
      tell();
    },
  });

  const policy = compilePolicy(settings);
  const judge = (): Judgement[] => [...judgeAccount(principals(users.values(), roles.values()), policy, at)];
  const lookups = new Lookups(access, users, signal);
  let judgements = judge();
  // What was looked up can flag more: a key that has since been deactivated no longer keeps its user in use.
  while (await lookups.complete(judgements, onStep)) judgements = judge();

  const notRead = [...reading.notRead, ...lookups.notRead(), ...rootGap(reading, users.values(), settings)];
  return {
    accountId: access.accountId,
    partition: access.partition,
    at,
    outcome: reading.outcome === 'complete' && notRead.length > 0 ? 'partial' : reading.outcome,
    notRead,
    identities: { users: [...users.values()].filter(({ isRoot }) => !isRoot).length, roles: roles.size },
    settings,
    judgements,
    calls: access.calls.summary(),
  };
}

/** References are made of the ARN: the user's or role's own, with `#password` or `#key1`, `#key2` behind the user's. */
function* principals(users: Iterable<InventoryUser>, roles: Iterable<InventoryRole>): Generator<PrincipalToJudge> {
  for (const user of users) {
    const keys = user.credentials.state === 'known' ? user.credentials.value.accessKeys : [];
    yield {
      kind: 'user',
      ref: user.arn,
      user,
      passwordRef: `${user.arn}#password`,
      keys: keys.map(({ slot }) => ({ ref: `${user.arn}#key${slot}`, inactiveSince: null })),
    };
  }
  for (const role of roles) yield { kind: 'role', ref: role.arn, role };
}

/** Asks what only flagged users are asked for, each once, and puts the answers into the inventory. */
class Lookups {
  private readonly askedKeys = new Set<string>();
  private readonly askedOthers = new Set<string>();
  private readonly keysUnread = new Map<string, string>();
  private readonly othersUnread = new Map<string, string>();

  constructor(
    private readonly access: AccountAccess,
    private readonly users: Map<string, InventoryUser>,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** @returns whether anything was asked, so that the account has to be judged again. */
  async complete(judgements: readonly Judgement[], onStep: (step: string) => void): Promise<boolean> {
    const needed = lookupsNeeded(judgements);
    const keys = needed.keyIds.filter(({ ref }) => !this.askedKeys.has(ref));
    const others = needed.otherCredentials.filter(({ ref }) => !this.askedOthers.has(ref));
    if (keys.length > 0) {
      onStep(`Looking up the access key ids of ${keys.length} users`);
      await this.nameKeysOf(keys);
    }
    if (others.length > 0) {
      onStep(`Asking for the SSH keys and service-specific credentials of ${others.length} users`);
      await this.readOthersOf(others);
    }
    return keys.length + others.length > 0;
  }

  notRead(): NotRead[] {
    return [
      ...gap('the access key ids', this.keysUnread, 'iam:ListAccessKeys and iam:GetAccessKeyLastUsed'),
      ...gap(
        'the SSH keys and service-specific credentials',
        this.othersUnread,
        'iam:ListSSHPublicKeys and iam:ListServiceSpecificCredentials',
      ),
    ];
  }

  private async nameKeysOf(wanted: readonly UserToLookUp[]): Promise<void> {
    const reported = new Map<string, readonly InventoryAccessKey[]>();
    for (const { ref, userName } of wanted) {
      this.askedKeys.add(ref);
      const credentials = this.users.get(ref)?.credentials;
      if (credentials?.state === 'known') reported.set(userName, credentials.value.accessKeys);
    }
    const names = wanted.map(({ userName }) => userName);
    const listed = await collectAccessKeyIds(this.access, names, { reported, signal: this.signal });
    this.enter(wanted, listed, this.keysUnread, withFreshKeys);
  }

  private async readOthersOf(wanted: readonly UserToLookUp[]): Promise<void> {
    for (const { ref } of wanted) this.askedOthers.add(ref);
    const names = wanted.map(({ userName }) => userName);
    const found = await collectOtherCredentials(this.access, names, this.signal);
    this.enter(wanted, found, this.othersUnread, (user, value) => ({
      ...user,
      otherCredentials: { state: 'known', value },
    }));
  }

  private enter<T>(
    wanted: readonly UserToLookUp[],
    answers: ReadonlyMap<string, Known<T>>,
    unread: Map<string, string>,
    change: (user: InventoryUser, value: T) => InventoryUser,
  ): void {
    for (const { ref, userName } of wanted) {
      const user = this.users.get(ref);
      const answer = answers.get(userName);
      if (!user || !answer) continue;
      if (answer.state === 'known') this.users.set(ref, change(user, answer.value));
      else unread.set(userName, answer.reason);
    }
  }
}

/** AWS's report always has root's line; an endpoint that leaves it out does not say that root has no key. */
function rootGap(reading: AccountReading, users: Iterable<InventoryUser>, settings: PolicySettings): NotRead[] {
  const told = [...users].some(({ isRoot }) => isRoot);
  if (told || reading.outcome !== 'complete' || !settings.checks['root-access-key'].enabled) return [];
  return [
    {
      what: 'the root user',
      code: 'AWS_INCOMPLETE',
      reason: 'The credential report has no line for the root user, so its access keys are not known.',
      remedy: 'Look at them by hand, or leave the check root-access-key out.',
      retryable: false,
    },
  ];
}

/** One entry for all users of one kind of gap: usually one missing permission is behind them all. */
function gap(what: string, unread: ReadonlyMap<string, string>, actions: string): NotRead[] {
  const [first] = unread;
  if (!first) return [];
  const whose = unread.size === 1 ? `user ${first[0]}` : `${unread.size} users`;
  return [
    {
      what: `${what} of ${whose}`,
      code: 'AWS_NOT_READ',
      reason: first[1],
      remedy: `Allow ${actions} to the identity whose credentials are used; "mothball permissions" prints the whole policy.`,
      retryable: false,
    },
  ];
}
