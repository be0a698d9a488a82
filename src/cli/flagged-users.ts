import type { AccountAccess } from '../aws/account-access';
import type { Judgement } from '../findings/judge';
import { lookupsNeeded, type UserToLookUp } from '../findings/lookups';
import { collectAccessKeyIds } from '../scans/collectors/key-ids.collector';
import { collectOtherCredentials } from '../scans/collectors/other-credentials.collector';
import type { NotRead } from '../scans/collectors/reading';
import type { InventoryAccessKey, InventoryUser, Known } from '../scans/inventory';
import { withFreshKeys } from '../scans/collectors/fresh-keys';

/** Asks what only flagged users are asked for, each once, and puts the answers into the inventory. */
export class FlaggedUsers {
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
