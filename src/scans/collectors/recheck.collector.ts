import {
  GetRoleCommand,
  GetUserCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsForUserCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { isMissing } from '../../aws/errors';
import { badInput, DomainError } from '../../errors';
import type { InventoryRole, InventoryUser } from '../inventory';
import { ROOT_NAME } from './credential-report';
import { allPages } from './marker-pages';
import { roleOf, userOf } from './principals';
import { freshCredentials, freshCredentialsPermissions } from './fresh-credentials';
import { countServiceSpecific, countSshKeys, otherCredentialsPermissions } from './other-credentials.collector';
import { rethrowStops } from './reading';

export const recheckPermissions = [
  ...freshCredentialsPermissions,
  ...otherCredentialsPermissions,
  'iam:GetUser',
  'iam:ListGroupsForUser',
  'iam:ListAttachedUserPolicies',
  'iam:ListUserPolicies',
  'iam:GetRole',
  'iam:ListAttachedRolePolicies',
  'iam:ListRolePolicies',
  'iam:ListInstanceProfilesForRole',
] as const;

/** An identity as it is at this moment. */
export type Recheck<T> =
  | { readonly state: 'there'; readonly identity: T }
  /** No identity has this name: deleted, or renamed (its unique id stays, so the next scan finds it again). */
  | { readonly state: 'gone' }
  /** The name is taken by another identity by now. */
  | { readonly state: 'recreated'; readonly uniqueId: string };

export interface RecheckTarget {
  readonly name: string;
  /** `AIDA…` / `AROA…`: names are used again, ids are not. */
  readonly uniqueId: string;
}

/**
 * Reads one user with all its credentials straight from IAM, not from the report.
 * @param previous the inventory's picture of it: it knows when the password was last changed, which only the report
 * tells (`GetLoginProfile` has its creation), and which key was in which slot.
 * @throws DomainError when something could not be read; `BAD_INPUT` for root, which IAM cannot be asked about.
 */
export async function recheckUser(
  access: AccountAccess,
  target: RecheckTarget,
  options: { previous?: InventoryUser | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Recheck<InventoryUser>> {
  if (target.name === ROOT_NAME)
    throw badInput('The root user can be read from the credential report only: scan its account.');
  const { iam } = access;
  const UserName = target.name;
  return explained(access, options.signal, async (signal) => {
    const send = { abortSignal: signal };
    const answer = await unlessMissing(iam.send(new GetUserCommand({ UserName }), send));
    if (!answer) return { state: 'gone' };
    const { User } = answer;
    if (!User) throw incomplete('iam:GetUser');
    if (User.UserId !== target.uniqueId) return { state: 'recreated', uniqueId: User.UserId ?? '' };
    const [groups, attached, inline] = await Promise.all([
      allPages(
        (Marker) => iam.send(new ListGroupsForUserCommand({ UserName, Marker }), send),
        (page) => page.Groups,
      ),
      allPages(
        (Marker) => iam.send(new ListAttachedUserPoliciesCommand({ UserName, Marker }), send),
        (page) => page.AttachedPolicies,
      ),
      allPages(
        (Marker) => iam.send(new ListUserPoliciesCommand({ UserName, Marker }), send),
        (page) => page.PolicyNames,
      ),
    ]);
    const user = userOf({
      ...User,
      GroupList: groups.flatMap((group) => group.GroupName ?? []),
      AttachedManagedPolicies: attached,
      UserPolicyList: inline.map((PolicyName) => ({ PolicyName })),
    });
    if (!user) throw incomplete('iam:GetUser');
    const [credentials, activeSshKeys, activeServiceSpecific] = await Promise.all([
      freshCredentials(access, user, User.PasswordLastUsed, { previous: options.previous, signal }),
      countSshKeys(access, UserName, signal),
      countServiceSpecific(access, UserName, signal),
    ]);
    return {
      state: 'there',
      identity: {
        ...user,
        credentials: { state: 'known', value: credentials },
        otherCredentials: { state: 'known', value: { activeSshKeys, activeServiceSpecific } },
      },
    };
  });
}

/**
 * Reads one role straight from IAM.
 * @param options.at the time that "within the tracking window" is measured from.
 * @throws DomainError when something could not be read.
 */
export async function recheckRole(
  access: AccountAccess,
  target: RecheckTarget,
  options: { at: Date; signal?: AbortSignal | undefined },
): Promise<Recheck<InventoryRole>> {
  const { iam } = access;
  const RoleName = target.name;
  return explained(access, options.signal, async (signal) => {
    const send = { abortSignal: signal };
    const answer = await unlessMissing(iam.send(new GetRoleCommand({ RoleName }), send));
    if (!answer) return { state: 'gone' };
    const { Role } = answer;
    if (!Role) throw incomplete('iam:GetRole');
    if (Role.RoleId !== target.uniqueId) return { state: 'recreated', uniqueId: Role.RoleId ?? '' };
    const [attached, inline, profiles] = await Promise.all([
      allPages(
        (Marker) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker }), send),
        (page) => page.AttachedPolicies,
      ),
      allPages(
        (Marker) => iam.send(new ListRolePoliciesCommand({ RoleName, Marker }), send),
        (page) => page.PolicyNames,
      ),
      allPages(
        (Marker) => iam.send(new ListInstanceProfilesForRoleCommand({ RoleName, Marker }), send),
        (page) => page.InstanceProfiles,
      ),
    ]);
    const found = roleOf(
      {
        ...Role,
        AttachedManagedPolicies: attached,
        RolePolicyList: inline.map((PolicyName) => ({ PolicyName })),
        InstanceProfileList: profiles,
      },
      options.at,
    );
    if (!found?.trustRead) throw incomplete('iam:GetRole');
    return { state: 'there', identity: found.role };
  });
}

/** Only the identity's own `NoSuchEntity` says that it is gone; one of a later call is an error, and the next try tells. */
async function unlessMissing<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The first failure ends the reads beside it. */
async function explained<T>(
  access: AccountAccess,
  signal: AbortSignal | undefined,
  read: (signal: AbortSignal) => Promise<Recheck<T>>,
): Promise<Recheck<T>> {
  const stop = new AbortController();
  try {
    return await read(signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
  } catch (error) {
    rethrowStops(error, signal);
    throw access.explain(error);
  } finally {
    stop.abort();
  }
}

const incomplete = (action: string): DomainError =>
  new DomainError('AWS_INCOMPLETE', `${action} answered without what an identity cannot be without.`, {
    remedy: 'The endpoint leaves out what IAM always gives.',
  });
