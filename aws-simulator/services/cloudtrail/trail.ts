import { randomUUID } from 'node:crypto';
import { roleArn, rootArn, userArn } from '../../world/arn';
import type { Instant, SimAccount, SimRole, SimUser } from '../../world/model';

/** Who did it: a user, a session of a role, or (neither) root. */
export interface Doer {
  account: SimAccount;
  user?: SimUser | null;
  role?: SimRole;
  sessionName?: string;
  sourceIdentity?: string | undefined;
  accessKeyId?: string | null | undefined;
}

export interface Deed {
  /** `iam:GetUser`. */
  action: string;
  region: string;
  at: Instant;
  errorCode: string | null;
  /** Of `sts:AssumeRole`: the role, in its own account. */
  assumed?: { account: SimAccount; role: SimRole };
  /** A sign-in to the console. */
  signIn?: boolean;
}

export interface TrailEvent {
  eventId: string;
  accountId: string;
  region: string;
  at: Instant;
  name: string;
  source: string;
  readOnly: boolean;
  username: string;
  accessKeyId: string | null;
  errorCode: string | null;
  resources: { type: string; name: string }[];
  userIdentity: Record<string, unknown>;
  requestParameters: Record<string, unknown> | null;
}

/** Services whose events are kept in the partition's home region, wherever they were called from. */
const GLOBAL = new Set(['iam', 'organizations', 'cloudfront', 'route53']);
/**
 * Data events are not in the event history.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
const DATA =
  /^(s3:(Get|Put|Delete|List)Object|dynamodb:(Get|Put|Delete|Update|BatchGet|BatchWrite)Item|dynamodb:(Query|Scan)|lambda:Invoke|sns:Publish|sqs:(Send|Receive|Delete)Message)/;
const HOMES: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};
const CAPACITY = 20_000;

/** The event history of all accounts: management events, the newest so many. */
export class Trail {
  private events: TrailEvent[] = [];

  /** In the doer's account; `AssumeRole` in that of the role, too, as AWS has it. */
  record(by: Doer, deed: Deed): void {
    if (DATA.test(deed.action)) return;
    const event = eventOf(by, deed);
    this.keep(event);
    const owner = deed.assumed?.account.summary.accountId;
    if (owner !== undefined && owner !== event.accountId) {
      this.keep({ ...event, eventId: randomUUID(), accountId: owner });
    }
  }

  /** Newest first. */
  of(accountId: string, region: string): TrailEvent[] {
    return this.events
      .filter((event) => event.accountId === accountId && event.region === region)
      .sort((one, other) => other.at - one.at);
  }

  private keep(event: TrailEvent): void {
    this.events.push(event);
    if (this.events.length > CAPACITY * 1.25) this.events = this.events.slice(-CAPACITY);
  }
}

function eventOf(by: Doer, { action, region, at, errorCode, assumed, signIn }: Deed): TrailEvent {
  const [service = '', name = ''] = action.split(':');
  const { accountId } = by.account.summary;
  return {
    ...{ eventId: randomUUID(), accountId, at, errorCode },
    region: GLOBAL.has(service) || signIn === true ? (HOMES[by.account.partition] ?? region) : region,
    name: signIn === true ? 'ConsoleLogin' : name,
    source: `${signIn === true ? 'signin' : service}.amazonaws.com`,
    readOnly: /^(Get|List|Describe|Lookup|AssumeRole)/.test(name),
    username: by.user?.name ?? by.sessionName ?? 'root',
    accessKeyId: signIn === true ? null : (by.accessKeyId ?? null),
    userIdentity: identityOf(by),
    requestParameters: assumed ? { roleArn: roleArn(assumed.account, assumed.role) } : null,
    resources: assumed ? [{ type: 'AWS::IAM::Role', name: roleArn(assumed.account, assumed.role) }] : [],
  };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function identityOf({ account, user, role, sessionName, sourceIdentity, accessKeyId }: Doer): Record<string, unknown> {
  const { accountId } = account.summary;
  const key = accessKeyId == null ? {} : { accessKeyId };
  if (user) {
    return {
      type: 'IAMUser',
      principalId: user.uniqueId,
      arn: userArn(account, user),
      accountId,
      userName: user.name,
      ...key,
    };
  }
  if (!role) return { type: 'Root', principalId: accountId, arn: rootArn(account), accountId, ...key };
  return {
    type: 'AssumedRole',
    principalId: `${role.uniqueId}:${sessionName ?? ''}`,
    arn: `arn:${account.partition}:sts::${accountId}:assumed-role/${role.name}/${sessionName ?? ''}`,
    ...{ accountId, ...key },
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: role.uniqueId,
        arn: roleArn(account, role),
        accountId,
        userName: role.name,
      },
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    },
  };
}
