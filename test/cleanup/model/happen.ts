import { WorldError } from '../../../aws-simulator/world/world-error';
import { PlanStates } from '../../../src/cleanup/decisions/plan-states.service';
import { Pauses } from '../../../src/cleanup/pauses/pauses.service';
import { Restores } from '../../../src/cleanup/restores/restores.service';
import { DomainError } from '../../../src/errors';
import { ExemptionMaking } from '../../../src/findings/exemptions/exemption-making.service';
import { SweepsService } from '../../../src/scans/sweeps.service';
import { CLEANUP_ROLE, type CleanUpAccount } from '../aws-account';
import { type CleanUpWorld, someone } from '../clean-up-world';
import { DENY_ALL, type Made } from './population';
import type { Change, Decision, Happening, Misfortune } from './random-world';

const DAY_MS = 86_400_000;
const READ_ONLY = 'arn:aws:iam::aws:policy/SecurityAudit';
const WHY = { code: 'BY_HAND', reason: 'Somebody halted it.', remedy: 'Look, then resume.' };

export interface Scene {
  readonly world: CleanUpWorld;
  readonly account: CleanUpAccount;
  readonly made: Made[];
  readonly planId: string;
}

/** Lets it happen. What cannot happen any more, or is refused, does not. */
export async function happen(scene: Scene, happening: Happening): Promise<void> {
  try {
    await act(scene, happening);
  } catch (error) {
    if (error instanceof WorldError || error instanceof DomainError) return;
    throw error;
  }
}

async function act(scene: Scene, happening: Happening): Promise<void> {
  switch (happening.kind) {
    case 'use':
      return use(scene, happening.who);
    case 'attach':
    case 'make-again':
    case 'make-key':
    case 'take-boundary-off':
    case 'activate-keys':
      return change(scene, happening.kind, happening.who);
    case 'exempt':
    case 'restore':
    case 'pause':
    case 'go-on':
    case 'halt':
    case 'resume':
    case 'cancel':
    case 'scan':
      return decide(scene, happening);
    default:
      return misfortune(scene, happening);
  }
}

const chosen = ({ made }: Scene, who: number): Made => {
  const one = made[who % made.length];
  if (!one) throw new WorldError('NoSuchEntity', 'There is nobody.');
  return one;
};

/** By a key, whatever its state; by the password where there is no key. */
function use(scene: Scene, who: number): void {
  const { control } = scene.world;
  const { name, sketch } = chosen(scene, who);
  const accountId = scene.account.awsAccountId;
  const call = { accountId, action: 's3:GetObject' };
  if (sketch.kind === 'role') control.attempt({ ...call, roleName: name });
  else if (sketch.keys.length > 0) control.attempt({ ...call, userName: name });
  else control.attempt({ ...call, userName: name, password: true });
}

function change(scene: Scene, kind: Change, who: number): void {
  const { control, pipeline } = scene.world;
  const { world } = pipeline.simulator;
  const accountId = scene.account.awsAccountId;
  const one = chosen(scene, who);
  const account = world.account(accountId);
  const user = account?.users.get(one.name);
  const identity = user ?? account?.roles.get(one.name);
  if (!identity) return;
  switch (kind) {
    case 'attach':
      identity.attachedPolicyArns = [...identity.attachedPolicyArns, READ_ONLY];
      return;
    case 'make-again': {
      const again = { name: one.name, attachedPolicyArns: identity.attachedPolicyArns };
      if (user) control.deleteUser(accountId, one.name);
      else control.deleteRole(accountId, one.name);
      const made = user
        ? control.createUser(accountId, { ...again, keys: [{}] })
        : control.createRole(accountId, again);
      scene.made.push({ ...one, uniqueId: made.uniqueId });
      return;
    }
    case 'make-key': {
      if (!user || user.accessKeys.length > 1) return;
      const at = world.time.second();
      const accessKeyId = world.newUniqueId('AKIA', accountId);
      user.accessKeys.push({
        accessKeyId,
        secretAccessKey: world.newSecret(),
        active: true,
        createdAt: at,
        lastUse: null,
      });
      return;
    }
    case 'take-boundary-off':
      if (identity.boundaryArn === DENY_ALL) identity.boundaryArn = null;
      return;
    case 'activate-keys':
      for (const { accessKeyId } of user?.accessKeys ?? []) control.setAccessKeyActive(accessKeyId, true);
  }
}

async function decide(scene: Scene, decision: Decision): Promise<void> {
  const { world, account, planId } = scene;
  const { get, tenants, rows } = world.pipeline;
  const { tenantId } = account;
  const by = someone(tenantId, 'Carol', 'approver');
  const items =
    decision.kind === 'restore'
      ? await rows<{ id: string }>('SELECT id FROM plan_items WHERE plan_id = $1 AND principal_id = $2', [
          planId,
          chosen(scene, decision.who).uniqueId,
        ])
      : [];
  await tenants.inTenant(tenantId, async (manager) => {
    switch (decision.kind) {
      case 'exempt':
        await get(ExemptionMaking).make(manager, tenantId, by, {
          scope: { uniqueId: chosen(scene, decision.who).uniqueId },
          reason: 'It is needed after all.',
          owner: 'a-team',
          until: new Date(world.clock.now().getTime() + 80 * DAY_MS),
        });
        return;
      case 'restore': {
        const ids = items.map(({ id }) => id);
        await get(Restores).request(manager, tenantId, ids, by);
        return;
      }
      case 'pause':
        return get(Pauses).pause(manager, tenantId, by, 'An incident.');
      case 'go-on':
        return get(Pauses).resume(manager, tenantId, by);
      case 'halt':
        return get(PlanStates).halt(manager, tenantId, planId, WHY);
      case 'resume':
        return get(PlanStates).resume(manager, tenantId, planId, by);
      case 'cancel':
        return get(PlanStates).cancel(manager, tenantId, planId, by);
      case 'scan':
        await get(SweepsService).start(manager, tenantId, 'test');
    }
  });
}

const policy = (...statements: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });

function misfortune({ world: { control }, account: { awsAccountId } }: Scene, happening: Misfortune): void {
  switch (happening.kind) {
    case 'suspend':
      return control.setAccountState(awsAccountId, 'SUSPENDED');
    case 'allow-all':
      control.setServiceControlPolicy(awsAccountId, null);
      return control.setAccountState(awsAccountId, 'ACTIVE');
    case 'refuse':
      return control.setServiceControlPolicy(
        awsAccountId,
        policy(
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: happening.action, Resource: '*' },
        ),
      );
    case 'fault':
      control.addFault({ ...happening.rule, accountId: awsAccountId, by: CLEANUP_ROLE });
  }
}
