import type { AccountAccess } from '../aws/account-access';
import type { CallSummary } from '../aws/calls';
import { judgeAccount, type Judgement } from '../findings/judge';
import type { PolicySettings } from '../findings/policy';
import { compilePolicy } from '../findings/sparing';
import type { PrincipalToJudge } from '../findings/subject';
import { type AccountReading, collectAccount } from '../scans/collectors/account.collector';
import type { NotRead } from '../scans/collectors/reading';
import type { ReportWaits } from '../scans/collectors/report.collector';
import type { InventoryRole, InventoryUser } from '../scans/inventory';
import { FlaggedUsers } from './flagged-users';

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
  const flagged = new FlaggedUsers(access, users, signal);
  let judgements = judge();
  // What was looked up can flag more: a key that has since been deactivated no longer keeps its user in use.
  while (await flagged.complete(judgements, onStep)) judgements = judge();

  const notRead = [...reading.notRead, ...flagged.notRead(), ...rootGap(reading, users.values(), settings)];
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
