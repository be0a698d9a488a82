import { paginateListAccessKeys, type AccessKeyMetadata } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../../aws/account-access';
import type { DueItem } from '../../items/due-item';
import type { PlanItemRow } from '../../items/plan-item';
import type { Refusal, Step } from '../../steps';
import type { Shown } from './shown';

const KEY_STEPS: ReadonlySet<Step['action']> = new Set(['iam:DeleteAccessKey', 'iam:UpdateAccessKey']);

export const touchesKey = (step: Step): boolean => KEY_STEPS.has(step.action);

const REMEDY = 'Nothing was sent. Look at the user and its keys; a new plan names what is there now.';

/**
 * `DeleteAccessKey` and `UpdateAccessKey` are authorized on the user, so no session policy protects a sibling key: just
 * before each of them IAM is asked whose the key is, when it was made and whether it is active. The first two must be
 * what was approved; only an inactive key is deleted, since one that is active was given back by somebody.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export async function keyJustBefore(access: AccountAccess, item: PlanItemRow | DueItem, step: Step): Promise<Shown> {
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
  const key = await findKey(access, item.name, id);
  if (!key) return 'missing';
  const createdAt = secondsOf(key.CreateDate);
  const approved = item.approved.keys.filter((one) => one.id === id || one.id === null);
  if (!approved.some((one) => secondsOf(new Date(one.createdAt)) === createdAt)) {
    return mismatch(`it was made at ${key.CreateDate?.toISOString() ?? 'an unknown time'}, and no approved key was`);
  }
  return statusJustBefore(key, step);
}

function statusJustBefore({ AccessKeyId, Status }: AccessKeyMetadata, step: Step): Shown {
  if (step.action === 'iam:UpdateAccessKey') return Status === step.input['Status'] ? 'as-wanted' : 'the-one';
  // An unknown status counts as active.
  if (Status === 'Inactive') return 'the-one';
  const reason = `Somebody has made the access key ${AccessKeyId} active again.`;
  return { code: 'ACTIVE_AGAIN', reason, remedy: REMEDY };
}

async function findKey(access: AccountAccess, userName: string, id: string) {
  for await (const page of paginateListAccessKeys({ client: access.iam }, { UserName: userName })) {
    const found = page.AccessKeyMetadata?.find((key) => key.AccessKeyId === id && key.UserName === userName);
    if (found) return found;
  }
  return undefined;
}

const secondsOf = (date: Date | undefined): number | null => (date ? Math.floor(date.getTime() / 1_000) : null);
