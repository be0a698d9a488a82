import type { Principal } from '../../authorization/principal';
import { noSuchEntity, validationError } from '../../protocol/aws-error';
import type { QueryParameters } from '../../protocol/query-parameters';
import { timestamp } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';
import type { Simulation } from '../../simulation';
import type { SimAccount, SimGroup, SimRole, SimUser } from '../../world/model';

/** One authenticated IAM request. `account` is what this request may see (eventual consistency) or change. */
export interface IamCall {
  readonly simulation: Simulation;
  readonly principal: Principal;
  readonly account: SimAccount;
  readonly parameters: QueryParameters;
}

/** Answers a request that is already authorized; `undefined` = an answer without a result element. */
export type IamOperation = (call: IamCall) => XmlObject | undefined;

export const NAME = { min: 1, max: 128, pattern: /^[\w+=,.@-]+$/ };
export const USER_NAME = { ...NAME, max: 64 };
export const PATH = { min: 1, max: 512, pattern: /^(\/|\/[\u0021-\u007f]+\/)$/ };
export const ACCESS_KEY_ID = { min: 16, max: 128, pattern: /^\w+$/ };

/** The user that the request names; where it names none, the caller. Throws `NoSuchEntity`. */
export function userOf(call: IamCall): SimUser {
  const name = call.parameters.optional('UserName', NAME) ?? callerName(call);
  const user = call.account.users.get(name.toLowerCase());
  if (!user) throw noSuchEntity(`The user with name ${name} cannot be found.`);
  return user;
}

/** For actions whose `UserName` is required. */
export function namedUserOf(call: IamCall): SimUser {
  call.parameters.text('UserName', NAME);
  return userOf(call);
}

export function roleOf(call: IamCall): SimRole {
  const name = call.parameters.text('RoleName', { ...NAME, max: 64 });
  const role = call.account.roles.get(name.toLowerCase());
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

/** The group that the request names. Throws `NoSuchEntity`. */
export function groupOf(call: IamCall): SimGroup {
  const name = call.parameters.text('GroupName', NAME);
  const group = call.account.groups.get(name.toLowerCase());
  if (!group) throw noSuchEntity(`The group with name ${name} cannot be found.`);
  return group;
}

/** Where a request names no user, the caller is meant. Throws `ValidationError` for roles and root. */
export function callerName({ principal }: Pick<IamCall, 'principal'>): string {
  if (principal.kind === 'user') return principal.user.name;
  throw validationError('Must specify userName when calling with non-User credentials');
}

/** An instant as callers see it: aged by time travel, in whole seconds. */
export const shown = (call: IamCall, instant: number): string => timestamp(call.simulation.world.shown(instant));
