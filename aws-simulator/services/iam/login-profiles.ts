import type { IamCall, IamOperation } from './iam-call';
import { namedUserOf, shown, userOf } from './iam-call';
import { AwsError, entityAlreadyExists, noSuchEntity } from '../../protocol/aws-error';
import type { XmlObject } from '../../protocol/xml';
import type { SimPassword, SimUser } from '../../world/model';

/** `PasswordLastUsed` belongs to the user and stays when the login profile goes. */
export const loginProfileOperations: Record<string, IamOperation> = {
  GetLoginProfile: (call) => {
    const user = userOf(call);
    return { LoginProfile: element(call, user, passwordOf(user)) };
  },

  CreateLoginProfile: (call) => {
    const user = userOf(call);
    checkPassword(call.parameters.text('Password', { min: 1, max: 128 }));
    if (user.password) throw entityAlreadyExists(`Login Profile for user ${user.name} already exists.`);
    const now = call.simulation.world.time.second();
    user.password = {
      createdAt: now,
      lastChangedAt: now,
      resetRequired: call.parameters.boolean('PasswordResetRequired') ?? false,
    };
    return { LoginProfile: element(call, user, user.password) };
  },

  UpdateLoginProfile: (call) => {
    const password = passwordOf(namedUserOf(call));
    const given = call.parameters.optional('Password', { min: 1, max: 128 });
    if (given !== undefined) {
      checkPassword(given);
      password.lastChangedAt = call.simulation.world.time.second();
    }
    const resetRequired = call.parameters.boolean('PasswordResetRequired');
    if (resetRequired !== undefined) password.resetRequired = resetRequired;
    return undefined;
  },

  DeleteLoginProfile: (call) => {
    const user = userOf(call);
    passwordOf(user);
    user.password = null;
    return undefined;
  },
};

/** AWS's default password policy: eight characters, three kinds of four. Throws `PasswordPolicyViolation`. */
function checkPassword(password: string): void {
  const kinds = [/[A-Z]/, /[a-z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  if (password.length >= 8 && kinds >= 3) return;
  throw new AwsError('PasswordPolicyViolation', 'Password does not conform to the account password policy.');
}

function passwordOf(user: SimUser): SimPassword {
  if (!user.password) throw noSuchEntity(`Login Profile for User ${user.name} cannot be found.`);
  return user.password;
}

const element = (call: IamCall, user: SimUser, password: SimPassword): XmlObject => ({
  UserName: user.name,
  CreateDate: shown(call, password.createdAt),
  PasswordResetRequired: password.resetRequired ?? false,
});
