import { GetUserCommand, paginateListAccessKeys } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../../aws/account-access';
import type { DueItem } from '../../items/due-item';
import type { PlanItemRow } from '../../items/plan-item';
import type { Refusal, Step } from '../../steps';

const KEY_STEPS: ReadonlySet<Step['action']> = new Set(['iam:DeleteAccessKey', 'iam:UpdateAccessKey']);

export const touchesKey = (step: Step): boolean => KEY_STEPS.has(step.action);

const REMEDY = 'Nothing was sent. Look at the user and its keys; a new plan names what is there now.';

/**
 * `DeleteAccessKey` and `UpdateAccessKey` are authorized on the user, so no session policy protects a sibling key: just
 * before each of them IAM is asked whose the key is and when it was made, and both must be what was approved.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 * @returns why it must not be sent; `missing`: IAM does not know the key of this user; null: it is the one.
 */
export async function wrongKey(
  access: AccountAccess,
  item: PlanItemRow | DueItem,
  step: Step,
): Promise<Refusal | 'missing' | null> {
  const id = String(step.input['AccessKeyId']);
  const mismatch = (what: string): Refusal => ({
    code: 'KEY_MISMATCH',
    reason: `The key ${id} is not the one that was approved: ${what}.`,
    remedy: REMEDY,
  });
  if (step.input['UserName'] !== item.name)
    return mismatch(`the request names the user ${String(step.input['UserName'])}`);
  const named = item.access_key_id;
  if (named !== null && named !== id) return mismatch(`the plan names ${named}`);
  const { User } = await access.iam.send(new GetUserCommand({ UserName: item.name }));
  if (User?.UserId !== item.principal_id)
    return mismatch(`${item.name} is another user by now, ${User?.UserId ?? 'unknown'}`);
  const key = await findKey(access, item.name, id);
  if (!key) return 'missing';
  const createdAt = secondsOf(key.CreateDate);
  const approved = item.approved.keys.filter((one) => one.id === id || one.id === null);
  if (!approved.some((one) => secondsOf(new Date(one.createdAt)) === createdAt)) {
    return mismatch(`it was made at ${key.CreateDate?.toISOString() ?? 'an unknown time'}, and no approved key was`);
  }
  return null;
}

async function findKey(access: AccountAccess, userName: string, id: string) {
  for await (const page of paginateListAccessKeys({ client: access.iam }, { UserName: userName })) {
    const found = page.AccessKeyMetadata?.find((key) => key.AccessKeyId === id && key.UserName === userName);
    if (found) return found;
  }
  return undefined;
}

const secondsOf = (date: Date | undefined): number | null => (date ? Math.floor(date.getTime() / 1_000) : null);
