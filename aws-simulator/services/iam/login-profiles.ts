import type { IamCall, IamOperation } from './iam-call';
import { namedUserOf, shown, userOf } from './iam-call';
import { entityAlreadyExists, noSuchEntity } from '../../protocol/aws-error';
import type { XmlObject } from '../../protocol/xml';
import type { SimPassword, SimUser } from '../../world/model';

/** `PasswordLastUsed` belongs to the user and stays when the login profile goes. */
export const loginProfileOperations: Record<string, IamOperation> = {
  GetLoginProfile: (call) => {
    const user = userOf(call);
    return { LoginProfile: element(call, user, passwordOf(user)) };
  },

  CreateLoginProfile: (call) => {
    const user = namedUserOf(call);
    call.parameters.text('Password', { min: 1, max: 128 });
    if (user.password) throw entityAlreadyExists(`Login Profile for user ${user.name} already exists.`);
    const now = call.simulation.world.time.second();
    user.password = { createdAt: now, lastChangedAt: now };
    return { LoginProfile: element(call, user, user.password) };
  },

  UpdateLoginProfile: (call) => {
    const password = passwordOf(namedUserOf(call));
    if (call.parameters.optional('Password', { min: 1, max: 128 }) !== undefined) {
      password.lastChangedAt = call.simulation.world.time.second();
    }
    return undefined;
  },

  DeleteLoginProfile: (call) => {
    const user = namedUserOf(call);
    passwordOf(user);
    user.password = null;
    return undefined;
  },
};

function passwordOf(user: SimUser): SimPassword {
  if (!user.password) throw noSuchEntity(`Login Profile for User ${user.name} cannot be found.`);
  return user.password;
}

const element = (call: IamCall, user: SimUser, password: SimPassword): XmlObject => ({
  UserName: user.name,
  CreateDate: shown(call, password.createdAt),
  PasswordResetRequired: false,
});
