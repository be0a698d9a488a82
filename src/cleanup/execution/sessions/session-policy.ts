import { awsPolicyArn } from '../../../aws/arns';
import type { Grant, GrantTarget } from '../../../aws/grants';
import type { Partition } from '../../../aws/partitions';
import type { Hanging } from './hanging';

/** STS takes no longer one. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const LONGEST_POLICY = 2_048;

/** What one item's turn needs of a session: what it does, and the ARNs that it may do it to. */
export interface SessionNeeds {
  readonly grants: readonly Grant[];
  readonly resources: Readonly<Record<GrantTarget, readonly string[]>>;
  /** Besides `resources`: what may be left to other sessions. */
  readonly hanging?: readonly Hanging[];
}

interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const READS = /^iam:(Get|List)/;
/** Reading is held to the same resources, and to what the role itself may read: so the prefixes widen nothing. */
const READ_PREFIXES = ['iam:Get*', 'iam:List*'];

/**
 * The inline policy of a session: what its items need, on their users, roles and what hangs on them, and on nothing else.
 * A session may do what both this and the role's own policies allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
export function sessionPolicy(partition: Partition, needs: readonly SessionNeeds[]): string {
  const statements = new Map<string, { actions: readonly string[]; when: Grant['when']; resources: Set<string> }>();
  for (const { grants, resources, hanging = [] } of needs) {
    for (const { on, when, actions } of shortened(grants)) {
      const named = [...resources[on], ...hanging.flatMap((one) => (one.on === on ? one.resources : []))];
      if (named.length === 0) continue;
      const key = `${when ?? ''} ${actions.join(' ')}`;
      const statement = statements.get(key) ?? { actions, when, resources: new Set<string>() };
      for (const resource of named) statement.resources.add(resource);
      statements.set(key, statement);
    }
  }
  const Statement = [...statements.values()].map(({ actions, when, resources }): Statement => ({
    Effect: 'Allow',
    Action: actions,
    Resource: [...resources],
    ...(when === undefined ? {} : { Condition: conditionOf(when, partition) }),
  }));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

function conditionOf(when: NonNullable<Grant['when']>, partition: Partition): NonNullable<Statement['Condition']> {
  switch (when) {
    case 'boundary-is-deny-all':
      return { StringEquals: { 'iam:PermissionsBoundary': awsPolicyArn(partition, 'AWSDenyAll') } };
    case 'passed-to-ec2':
      return { StringEqualsIfExists: { 'iam:PassedToService': 'ec2.amazonaws.com' } };
  }
}

/** One statement for each target and condition; reads of named resources by their prefixes. */
function shortened(grants: readonly Grant[]): Grant[] {
  const merged = new Map<string, { on: GrantTarget; when: Grant['when']; actions: Set<string> }>();
  for (const { on, when, actions } of grants) {
    const key = `${on} ${when ?? ''}`;
    const known = merged.get(key) ?? { on, when, actions: new Set<string>() };
    for (const action of actions) {
      if (on !== 'any' && READS.test(action)) for (const prefix of READ_PREFIXES) known.actions.add(prefix);
      else known.actions.add(action);
    }
    merged.set(key, known);
  }
  return [...merged.values()].map(({ on, when, actions }) => ({
    on,
    ...(when === undefined ? {} : { when }),
    actions: [...actions].sort(),
  }));
}

/**
 * Text that stands for itself in a policy's resource: paths may hold `*`, `?` and `$`, which would stand for anything.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
 */
export const literally = (text: string): string => text.replace(/[*?$]/g, '${$&}');

/** A longer ARN of a user, role or instance profile is named without its path, which may have 512 characters. */
const LONGEST_ARN = 200;

/**
 * What a policy names it by: its ARN as it is, and the one without its path. IAM knows the path of what exists; of what
 * does not (any more) it authorizes by the name alone, so that without the second one "denied" would hide "no such
 * entity". Names are unique whatever the path, so that any path means this one as well, where it is too long to write.
 */
export function named(arn: string): string[] {
  const [whole = '', kind = '', name = ''] = /^(arn:[^/]*?:[a-z-]+)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [arn];
  if (name === '') return [literally(whole)];
  const bare = `${kind}/${literally(name)}`;
  return [...new Set([whole.length > LONGEST_ARN ? `${kind}/*/${literally(name)}` : literally(whole), bare])];
}

/** Names are unique in an account whatever their path, so both of these name the one of that name. */
export const ofAnyPath = (
  kind: 'group' | 'instance-profile' | 'mfa',
  name: string,
  { partition, awsAccountId }: { readonly partition: Partition; readonly awsAccountId: string },
): string[] => ['', '*/'].map((path) => `arn:${partition}:iam::${awsAccountId}:${kind}/${path}${literally(name)}`);

/** In as few sessions as the length allows, in their order; an item that is too long by itself stands alone. */
export function inSessions<T>(items: readonly T[], policyOf: (items: readonly T[]) => string, most: number): T[][] {
  const sessions: T[][] = [];
  let current: T[] = [];
  for (const item of items) {
    const longer = [...current, item];
    if (current.length > 0 && (longer.length > most || policyOf(longer).length > LONGEST_POLICY)) {
      sessions.push(current);
      current = [item];
    } else {
      current = longer;
    }
  }
  return current.length === 0 ? sessions : [...sessions, current];
}
