import { boundaryDocuments, identityDocuments } from '../authorization/authorize';
import { ConditionContext } from '../authorization/conditions';
import { decide } from '../authorization/evaluate';
import type { Decision, Layer } from '../authorization/evaluate';
import { recordUse } from '../services/cloudtrail/recording';
import type { Simulation } from '../simulation';
import { roleArn, rootArn, userArn } from '../world/arn';
import { keyOf, roleNamed, userNamed } from '../world/identity-use';
import type { IdentityUse } from '../world/identity-use';
import type { Instant, SimAccount, SimPrincipal, SimUser } from '../world/model';
import { WorldError } from '../world/world-error';

/** Exactly one way in, as for a use: `roleName`; `accessKeyId`; `userName` with `password`, or its first active key. */
export interface Attempt {
  accountId: string;
  userName?: string;
  roleName?: string;
  accessKeyId?: string;
  /** Signs in to the console first: that works under any policy. */
  password?: boolean;
  /** `s3:GetObject`, of any service; default `sts:GetCallerIdentity`. */
  action?: string;
  /** Default `*`. */
  resource?: string;
  region?: string;
  /** Default now; never in the future. */
  at?: Instant;
}

export interface AttemptResult {
  allowed: boolean;
  /** The layer that refused; `authentication` where it did not come to permissions: an inactive key. */
  refusedBy: Layer | 'authentication' | null;
  /** A deny, rather than nothing that allows. */
  explicit: boolean;
  /** Whether anything that AWS shows can have moved. */
  moved: boolean;
}

/** Somebody tries one call to any service: judged by the policies of the moment, and counted as AWS would count it. */
export function attempt(simulation: Simulation, tried: Attempt): AttemptResult {
  const { world } = simulation;
  const { accountId, action = 'sts:GetCallerIdentity', resource = '*' } = tried;
  const account = world.account(accountId);
  if (!account) throw new WorldError('NoSuchEntity', `There is no account ${accountId}.`);
  const { identity, active, arn, way } = whoTries(account, tried);
  const { region, at } = tried;
  const use = {
    accountId,
    ...way,
    service: action.split(':')[0] ?? action,
    ...(region === undefined ? {} : { region }),
    ...(at === undefined ? {} : { at }),
  };
  if (!active) {
    const moved = world.useIdentity({ ...use, denied: true });
    return { allowed: false, refusedBy: 'authentication', explicit: false, moved };
  }
  const decision = decisionOf(simulation, account, identity, { arn, action, resource });
  const moved = world.useIdentity({ ...use, denied: !decision.allowed });
  recordUse(simulation, { ...use, action, refused: !decision.allowed });
  return decision.allowed
    ? { allowed: true, refusedBy: null, explicit: false, moved }
    : { allowed: false, refusedBy: decision.layer, explicit: decision.explicit, moved };
}

/**
 * Whether something refuses an identity (null is root) the use of a service. That no policy of its own allows it does
 * not: generated identities have hardly any, and do their work.
 */
export function refuses(
  simulation: Simulation,
  account: SimAccount,
  identity: SimPrincipal | null,
  service: string,
): boolean {
  const arn =
    identity === null
      ? rootArn(account)
      : 'trustPolicy' in identity
        ? roleArn(account, identity)
        : userArn(account, identity);
  const decision = decisionOf(simulation, account, identity, { arn, action: `${service}:Use`, resource: '*' });
  return !decision.allowed && (decision.explicit || decision.layer !== 'identity');
}

interface Trying {
  /** Null is root. */
  identity: SimPrincipal | SimUser | null;
  active: boolean;
  arn: string;
  way: Pick<IdentityUse, 'userName' | 'roleName' | 'accessKeyId' | 'password'>;
}

function whoTries(account: SimAccount, { roleName, accessKeyId, userName, password }: Attempt): Trying {
  if (roleName !== undefined) {
    const role = roleNamed(account, roleName);
    return { identity: role, active: true, arn: roleArn(account, role), way: { roleName } };
  }
  if (accessKeyId !== undefined) {
    const { key, user } = keyOf(account, accessKeyId);
    const arn = user === null ? rootArn(account) : userArn(account, user);
    return { identity: user, active: key.active, arn, way: { accessKeyId } };
  }
  if (userName === undefined)
    throw new WorldError('InvalidInput', 'Say who tries: roleName, accessKeyId, or userName.');
  const user = userNamed(account, userName);
  if (password === true) {
    if (user.password === null) throw new WorldError('NoSuchEntity', `${user.name} has no password.`);
    return { identity: user, active: true, arn: userArn(account, user), way: { userName, password } };
  }
  const key = user.accessKeys.find(({ active }) => active) ?? user.accessKeys[0];
  if (!key) throw new WorldError('NoSuchEntity', `${user.name} has no access key.`);
  return { identity: user, active: key.active, arn: userArn(account, user), way: { accessKeyId: key.accessKeyId } };
}

function decisionOf(
  { directory, world }: Simulation,
  account: SimAccount,
  identity: SimPrincipal | SimUser | null,
  { arn, action, resource }: { arn: string; action: string; resource: string },
): Decision {
  // Everybody may ask who he is. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  if (action === 'sts:GetCallerIdentity') return { allowed: true };
  const { accountId } = account.summary;
  const serviceControl = directory.serviceControlPolicy(accountId);
  const context = new ConditionContext()
    .set('aws:PrincipalArn', arn)
    .set('aws:PrincipalAccount', accountId)
    .set('aws:PrincipalOrgID', directory.organizationIdOf(accountId))
    .set('aws:ResourceAccount', accountId)
    .set('aws:CurrentTime', new Date(world.time.elapsed()).toISOString());
  for (const [key, value] of identity?.tags ?? []) context.set(`aws:PrincipalTag/${key}`, value);
  return decide(
    {
      identity: identity === null ? [ALLOW_ALL] : identityDocuments(account, identity),
      boundary: identity === null ? undefined : boundaryDocuments(account, identity),
      session: undefined,
      serviceControl: serviceControl === undefined ? undefined : [serviceControl],
    },
    { action, resource, context },
  );
}

const ALLOW_ALL = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });
