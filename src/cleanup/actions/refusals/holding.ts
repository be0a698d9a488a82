import type { ActionContext } from '../../action';
import type { ObservedRole, ObservedUser } from '../../observed';
import type { Refusal } from '../../steps';
import { boundaryMissing, foreignBoundary } from './boundary';
import { tagsChanged } from './changes';
import { otherActiveCredential } from './only-credential';
import { firstOf } from './refusal';
import { protectedRole, roleAttachmentsChanged } from './role-changes';
import { theKey } from './the-key';
import { keyInUse, roleInUse, userInUse } from './use';
import { userAttachmentsChanged, userCredentialsChanged } from './user-changes';

/** Why a user must not be put, or kept, in quarantine. */
export function refuseHoldingUser(user: ObservedUser, context: ActionContext): Refusal | null {
  const held = context.item.quarantined_at !== null;
  return firstOf(
    () => tagsChanged(user, context),
    () => (held ? boundaryMissing(user, context) : foreignBoundary(user, context)),
    () => userAttachmentsChanged(user, context),
    () => (context.item.course === 'user' ? wholeUser(user, context) : onlyKey(user, context)),
  );
}

const wholeUser = (user: ObservedUser, context: ActionContext): Refusal | null =>
  firstOf(
    () => userCredentialsChanged(user, context),
    () => userInUse(user, context),
  );

function onlyKey(user: ObservedUser, context: ActionContext): Refusal | null {
  const found = theKey(user, context);
  if (found.state === 'refused') return found.refusal;
  return firstOf(
    () => otherActiveCredential(user, context),
    () => (found.state === 'there' ? keyInUse(found.key, context) : null),
  );
}

/** Why a role must not be put, or kept, in quarantine. */
export const refuseHoldingRole = (role: ObservedRole, context: ActionContext): Refusal | null =>
  firstOf(
    () => protectedRole(role),
    () => tagsChanged(role, context),
    () => (context.item.quarantined_at ? boundaryMissing(role, context) : foreignBoundary(role, context)),
    () => roleAttachmentsChanged(role, context),
    () => roleInUse(role, context),
  );
