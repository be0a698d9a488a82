import type { Principal } from '../../authorization/principal';
import { parseIamArn } from '../../arns';
import type { Simulation } from '../../simulation';
import type { IdentityUse } from '../../world/identity-use';
import type { SimAccount } from '../../world/model';
import type { Deed } from './trail';

/** A request that the simulator has answered, or refused for want of permission. */
export function recordRequest(
  simulation: Simulation,
  principal: Principal,
  request: { action: string; region: string; errorCode: string | null; roleArn: string | undefined },
): void {
  const { world, trail } = simulation;
  const assumed = request.roleArn === undefined ? undefined : roleAt(simulation, request.roleArn);
  trail.record(
    {
      account: principal.account,
      ...(principal.kind === 'user' ? { user: principal.user } : {}),
      ...(principal.kind === 'role'
        ? {
            role: principal.role,
            sessionName: principal.session.sessionName,
            sourceIdentity: principal.session.sourceIdentity,
          }
        : {}),
      accessKeyId: principal.accessKeyId,
    },
    { ...request, at: world.now(), ...(assumed ? { assumed } : {}) },
  );
}

/** Something that somebody does from outside, by an action: who uses a role has assumed it just before. */
export function recordUse({ world, trail }: Simulation, use: IdentityUse & { action: string; refused: boolean }): void {
  const account = world.account(use.accountId);
  if (!account) return;
  const { action, region = 'us-east-1', at = world.now() } = use;
  const deed: Deed = { action, region, at, errorCode: use.refused ? 'AccessDenied' : null };
  const role = use.roleName === undefined ? undefined : account.roles.get(use.roleName.toLowerCase());
  if (role) {
    trail.record({ account }, { ...deed, action: 'sts:AssumeRole', errorCode: null, assumed: { account, role } });
    return trail.record({ account, role, sessionName: 'session' }, deed);
  }
  const { user, accessKeyId } = userOf(account, use);
  if (!user) return;
  if (use.password === true) trail.record({ account, user }, { ...deed, errorCode: null, signIn: true });
  trail.record({ account, user, accessKeyId: use.password === true ? null : accessKeyId }, deed);
}

function userOf(account: SimAccount, { userName, accessKeyId }: IdentityUse) {
  if (accessKeyId !== undefined) {
    const user = [...account.users.values()].find(({ accessKeys }) =>
      accessKeys.some((key) => key.accessKeyId === accessKeyId),
    );
    return { user, accessKeyId };
  }
  const user = account.users.get((userName ?? '').toLowerCase());
  return { user, accessKeyId: user?.accessKeys.find(({ active }) => active)?.accessKeyId };
}

function roleAt({ world }: Simulation, arn: string): Deed['assumed'] {
  const parsed = parseIamArn(arn);
  const account = parsed && world.account(parsed.accountId);
  const role = parsed && account?.roles.get(parsed.name.toLowerCase());
  return account && role ? { account, role } : undefined;
}
