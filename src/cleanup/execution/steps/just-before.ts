import { GetLoginProfileCommand, GetRoleCommand, GetUserCommand } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../../aws/account-access';
import { sameSecond } from '../../../scans/collectors/tracking';
import { called, PROPOSE_AGAIN, refusal } from '../../actions/refusals/refusal';
import type { PlanItemRow } from '../../items/plan-item';
import type { Observed } from '../../observed';
import { unlessMissing } from '../../reading/reader';
import type { Step } from '../../steps';
import { keyJustBefore, touchesKey } from './key-guard';
import type { Shown } from './shown';

/** Whom a request is for. `snapshot`: what was saved of it, read only where it is needed. */
export interface Meant {
  readonly access: AccountAccess;
  readonly item: PlanItemRow;
  readonly step: Step;
  readonly snapshot: () => Promise<Observed | null>;
}

/**
 * Requests go by name, and names are used again, as are a user's keys and password: just before a request IAM is asked
 * whether it would still reach exactly what was approved. Errors are the SDK's.
 */
export async function lookJustBefore(meant: Meant): Promise<Shown> {
  const { access, item, step } = meant;
  const principal = await principalJustBefore(access, item);
  if (principal !== 'the-one') return principal;
  if (touchesKey(step)) return keyJustBefore(access, item, step);
  return step.action === 'iam:DeleteLoginProfile' ? passwordJustBefore(meant) : 'the-one';
}

async function principalJustBefore(access: AccountAccess, item: PlanItemRow): Promise<Shown> {
  const now = await unlessMissing(principalOf(access, item));
  if (now === null) return 'missing';
  const { id, createdAt } = now;
  const approvedAt = new Date(item.approved.createdAt);
  if (id === item.principal_id && createdAt !== undefined && sameSecond(createdAt, approvedAt)) return 'the-one';
  return refusal(
    'RE_CREATED',
    `${called(item)} is not the one that was approved: that was ${item.principal_id}, this is ${id ?? 'unknown'}.`,
    `Nothing is done to the new one. ${PROPOSE_AGAIN}`,
  );
}

async function principalOf({ iam }: AccountAccess, { course, name }: PlanItemRow) {
  if (course === 'role') {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    return { id: Role?.RoleId, createdAt: Role?.CreateDate };
  }
  const { User } = await iam.send(new GetUserCommand({ UserName: name }));
  return { id: User?.UserId, createdAt: User?.CreateDate };
}

async function passwordJustBefore({ access, item, snapshot }: Meant): Promise<Shown> {
  const UserName = item.name;
  const now = await unlessMissing(access.iam.send(new GetLoginProfileCommand({ UserName })));
  if (now === null) return 'missing';
  const saved = await snapshot();
  const before = saved?.kind === 'user' ? saved.password : null;
  const createdAt = now.LoginProfile?.CreateDate;
  if (!before || (createdAt && sameSecond(createdAt, before.createdAt))) return 'the-one';
  return refusal('PASSWORD_CHANGED', `The password of ${UserName} was set anew meanwhile.`, PROPOSE_AGAIN);
}
