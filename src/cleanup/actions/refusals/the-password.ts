import type { ActionContext } from '../../action';
import type { Observed } from '../../observed';
import type { Refusal } from '../../steps';
import { tagsChanged } from './changes';
import { foundUser } from './found';
import { mayHaveDone } from './intended';
import { firstOf, refusal } from './refusal';
import { passwordInUse } from './use';
import { passwordChanged } from './user-changes';

/** Why a password must not go: another one by now, used, or its user is not who was approved. */
export function refusePassword(seen: Observed | null, context: ActionContext): Refusal | null {
  const user = foundUser(seen, context, 'credentials');
  if (user.state === 'refused') return user.refusal;
  if (user.state === 'deleted-by-us') return null;
  const { password, name } = user.seen;
  if (!password) {
    if (mayHaveDone(context, 'iam:DeleteLoginProfile', { UserName: name })) return null;
    return refusal(
      'NOT_THERE',
      `The user ${name} has no password any more, and it was not this plan that deleted it.`,
      'Nothing is left to do. Scan the account, so that its findings are closed.',
    );
  }
  return firstOf(
    () => tagsChanged(user.seen, context),
    () => passwordChanged(user.seen, context),
    () => passwordInUse(password, context),
  );
}
