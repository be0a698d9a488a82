import { Injectable } from '@nestjs/common';
import { ExternalIds } from '../../../accounts/external-ids.service';
import type { AccountAccess } from '../../../aws/account-access';
import { AwsService } from '../../../aws/aws.service';
import type { CallSummary } from '../../../aws/calls';
import { DomainError } from '../../../errors';
import type { RunningTask } from '../../../tasks/running-task';
import type { Step } from '../../steps';
import { Annexes } from './annexes';
import { PauseWatch } from '../../pauses/pause-watch.service';
import type { Leash } from '../execution-job';
import type { CleanupAccount } from '../executions.service';
import { type Hanging, onlyHanging, withoutHanging } from './hanging';
import { inSessions, LONGEST_POLICY, sessionPolicy, type SessionNeeds } from './session-policy';

/** The shortest that STS gives. */
const SESSION_SECONDS = 900;

export interface SessionsOf {
  readonly account: CleanupAccount;
  readonly executionId: string;
  /** `scan`: a rehearsal where there is no clean-up role; its trust policy knows of no source identity. */
  readonly role: 'cleanup' | 'restore' | 'scan';
  readonly leash: Leash;
}

export interface Session<T> {
  readonly items: readonly T[];
  readonly access: AccountAccess;
  /** The one that may send a step, where what hangs on the item is shared out over several. */
  accessFor(step: Pick<Step, 'action' | 'input'>): Promise<AccountAccess>;
  /** What was sent so far. */
  calls(): CallSummary;
}

/** What CloudTrail shows of every request of an execution. */
export const sourceIdentityOf = (executionId: string): string => `mothball-${executionId}`;

/** Opens sessions of 15 minutes in an account that may touch the items they are opened for, and nothing else. */
@Injectable()
export class CleanupDoor {
  constructor(
    private readonly aws: AwsService,
    private readonly externalIds: ExternalIds,
    private readonly pauses: PauseWatch,
  ) {}

  /**
   * One session after the other, each with as many items as its policy can name; what is too large for AWS is split
   * further, never widened. Each session is closed when the next one is asked for. Of what
   * is too much by itself, groups, devices and instance profiles are shared out over sessions beside its own.
   * @throws DomainError `NO_ROLE`, `AWS_ROLE_NOT_ASSUMABLE`, `SESSION_TOO_LARGE` (one item by itself) …
   */
  async *sessions<T>(
    task: RunningTask,
    of: SessionsOf,
    items: readonly T[],
    needsOf: (item: T) => SessionNeeds,
  ): AsyncGenerator<Session<T>> {
    const policyOf = (some: readonly T[]): string => sessionPolicy(of.account.partition, some.map(needsOf));
    const waiting = inSessions(items, policyOf, Number.POSITIVE_INFINITY);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const access = await this.open(task, of, policyOf(next));
      const [only] = next;
      if (access === null && next.length === 1 && only !== undefined) {
        yield* this.sharedOut(task, of, only, needsOf(only));
        continue;
      }
      if (access === null) {
        const half = Math.ceil(next.length / 2);
        // What was too large for AWS once is so again.
        const rest = [...next, ...waiting.flat()];
        waiting.splice(0, waiting.length, ...inSessions(rest, policyOf, half));
        continue;
      }
      try {
        yield { items: next, access, accessFor: () => Promise.resolve(access), calls: () => access.calls.summary() };
      } finally {
        access.close();
      }
    }
  }

  /** One that more hangs on than a single policy can name. */
  private async *sharedOut<T>(
    task: RunningTask,
    of: SessionsOf,
    item: T,
    needs: SessionNeeds,
  ): AsyncGenerator<Session<T>> {
    const { partition } = of.account;
    const access = await this.open(task, of, sessionPolicy(partition, [withoutHanging(needs)]));
    if (access === null) throw tooLarge();
    const policyOf = (some: readonly Hanging[]): string => sessionPolicy(partition, [onlyHanging(needs, some)]);
    const shares = inSessions(needs.hanging ?? [], policyOf, Number.POSITIVE_INFINITY);
    const annexes = new Annexes(access, shares, async (some) => {
      const opened = await this.open(task, of, policyOf(some));
      if (opened === null && some.length === 1) throw tooLarge();
      return opened;
    });
    try {
      yield { items: [item], access, accessFor: (step) => annexes.of(step), calls: () => annexes.calls() };
    } finally {
      annexes.close();
      access.close();
    }
  }

  /** Null: AWS finds the policy too large. */
  private async open(task: RunningTask, of: SessionsOf, policy: string): Promise<AccountAccess | null> {
    if (policy.length > LONGEST_POLICY) return null;
    const { account, executionId, leash } = of;
    const name = sourceIdentityOf(executionId);
    const access = this.aws.openAccount({
      partition: account.partition,
      accountId: account.aws_account_id,
      roleArn: roleOf(of),
      externalId: await this.externalIds.of(account),
      sessionName: name,
      ...(of.role === 'scan' ? {} : { sourceIdentity: name }),
      sessionPolicy: policy,
      durationSeconds: SESSION_SECONDS,
      signal: task.signal,
      // A lane that was lost lets nothing out: null would mean that there is none.
      leaseDeadline: () => (task.lane === null ? null : (task.lane.deadline() ?? Number.NEGATIVE_INFINITY)),
      mayGo: () => (leash.stopsWhenPaused ? this.pauses.mayGoNow(task.tenantId) : undefined),
    });
    try {
      await access.connect();
      return access;
    } catch (error) {
      access.close();
      if (error instanceof DomainError && error.code === 'AWS_POLICY_TOO_LARGE') return null;
      throw error;
    }
  }
}

function roleOf({ account, role }: SessionsOf): string {
  const arn = { cleanup: account.cleanup_role_arn, restore: account.restore_role_arn, scan: account.role_arn }[role];
  if (arn !== null) return arn;
  throw new DomainError('NO_ROLE', `The account ${account.aws_account_id} has no ${role} role.`, {
    remedy: `Deploy the ${role} role in the account, and set it on the account.`,
  });
}

const tooLarge = (): DomainError =>
  new DomainError(
    'SESSION_TOO_LARGE',
    'What hangs on this identity is more than one session policy of AWS can name, and a wider one is never used.',
    { remedy: 'Take it out of some of its groups, MFA devices or instance profiles by hand, and propose it again.' },
  );
