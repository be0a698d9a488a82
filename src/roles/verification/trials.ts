import { randomUUID } from 'node:crypto';
import {
  GenerateCredentialReportCommand,
  GetAccessKeyLastUsedCommand,
  GetAccountAuthorizationDetailsCommand,
  GetCredentialReportCommand,
  GetLoginProfileCommand,
  GetRoleCommand,
  GetUserCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsForUserCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { isDenied } from '../../aws/errors';
import { type Layer, reasonOf } from './reasons';

/** Nobody has this name, so whoever may ask hears `NoSuchEntity`, and whoever may not `AccessDenied`. */
const nobody = (): string => `mothball-verification-${randomUUID().slice(0, 8)}`;
const UserName = (): { UserName: string } => ({ UserName: nobody() });
const RoleName = (): { RoleName: string } => ({ RoleName: nobody() });
/** In the form of a key's id. */
const NO_KEY = 'AKIAAAAAAAAAAAAAAAAA';

type Trial = (iam: IAMClient) => Promise<unknown>;

/** Every read that a scan role needs, in a form that costs little and changes nothing. */
export const trials: Readonly<Record<string, Trial>> = {
  'iam:GenerateCredentialReport': (iam) => iam.send(new GenerateCredentialReportCommand({})),
  'iam:GetAccessKeyLastUsed': (iam) => iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: NO_KEY })),
  'iam:GetAccountAuthorizationDetails': (iam) => iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1 })),
  'iam:GetCredentialReport': (iam) => iam.send(new GetCredentialReportCommand({})),
  'iam:GetLoginProfile': (iam) => iam.send(new GetLoginProfileCommand(UserName())),
  'iam:GetRole': (iam) => iam.send(new GetRoleCommand(RoleName())),
  'iam:GetUser': (iam) => iam.send(new GetUserCommand(UserName())),
  'iam:ListAccessKeys': (iam) => iam.send(new ListAccessKeysCommand(UserName())),
  'iam:ListAttachedRolePolicies': (iam) => iam.send(new ListAttachedRolePoliciesCommand(RoleName())),
  'iam:ListAttachedUserPolicies': (iam) => iam.send(new ListAttachedUserPoliciesCommand(UserName())),
  'iam:ListGroupsForUser': (iam) => iam.send(new ListGroupsForUserCommand(UserName())),
  'iam:ListInstanceProfilesForRole': (iam) => iam.send(new ListInstanceProfilesForRoleCommand(RoleName())),
  'iam:ListRolePolicies': (iam) => iam.send(new ListRolePoliciesCommand(RoleName())),
  'iam:ListSSHPublicKeys': (iam) => iam.send(new ListSSHPublicKeysCommand(UserName())),
  'iam:ListServiceSpecificCredentials': (iam) => iam.send(new ListServiceSpecificCredentialsCommand(UserName())),
  'iam:ListSigningCertificates': (iam) => iam.send(new ListSigningCertificatesCommand(UserName())),
  'iam:ListUserPolicies': (iam) => iam.send(new ListUserPoliciesCommand(UserName())),
  'iam:ListUsers': (iam) => iam.send(new ListUsersCommand({ MaxItems: 1 })),
};

export type Tried =
  | { readonly state: 'allowed' | 'not-known' }
  /** `why` ends a sentence. */
  | { readonly state: 'denied'; readonly why: string };

/**
 * Tries one read. Throws what says nothing about permissions: throttling, the network, an expired session.
 */
export async function tryRead(access: AccountAccess, action: string): Promise<Tried> {
  const trial = trials[action];
  if (!trial) return { state: 'not-known' };
  try {
    await trial(access.iam);
    return { state: 'allowed' };
  } catch (error) {
    if (isDenied(error)) return deniedBy(error);
    if (isAnswer(error)) return { state: 'allowed' };
    throw access.explain(error, action);
  }
}

/** AWS also answers `AccessDenied` for a key that nobody has; where a policy is the reason, it names the kind. */
function deniedBy(error: unknown): Tried {
  const text = error instanceof Error ? error.message : '';
  const reason = /(because no|with an explicit deny in an?) ([a-z -]*polic(?:y|ies)|permissions boundary)/.exec(text);
  if (!reason) return { state: 'not-known' };
  const [, start = '', layer = ''] = reason;
  return { state: 'denied', why: reasonOf(layerNamed(layer), start.startsWith('with')) };
}

function layerNamed(text: string): Layer {
  if (text.includes('boundary')) return 'boundary';
  return /service control|resource control/.test(text) ? 'organization' : 'own';
}

/** These come from the operation itself, after the request was allowed. */
const ANSWERS = new Set([
  'NoSuchEntityException',
  'NoSuchEntity',
  'CredentialReportNotPresentException',
  'CredentialReportNotReadyException',
  'CredentialReportExpiredException',
  'ReportNotPresent',
  'ReportInProgress',
  'ReportExpired',
]);

const isAnswer = (error: unknown): boolean => error instanceof Error && ANSWERS.has(error.name);
