import { createHash } from 'node:crypto';
import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DeleteVirtualMFADeviceCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  RemoveUserFromGroupCommand,
  TagRoleCommand,
  TagUserCommand,
  UpdateAccessKeyCommand,
  UpdateSigningCertificateCommand,
  UpdateSSHPublicKeyCommand,
  UploadSigningCertificateCommand,
  UploadSSHPublicKeyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import type { AccountAccess } from '../aws/account-access';
import type { Attempt } from '../aws/middleware';
import { DomainError } from '../errors';
import type { Step, StepAction } from './steps';

/** The only way from a step to AWS: an action that is not in this map cannot be sent. */
const COMMANDS = {
  'iam:AddRoleToInstanceProfile': AddRoleToInstanceProfileCommand,
  'iam:AddUserToGroup': AddUserToGroupCommand,
  'iam:AttachRolePolicy': AttachRolePolicyCommand,
  'iam:AttachUserPolicy': AttachUserPolicyCommand,
  'iam:CreateRole': CreateRoleCommand,
  'iam:CreateUser': CreateUserCommand,
  'iam:DeactivateMFADevice': DeactivateMFADeviceCommand,
  'iam:DeleteAccessKey': DeleteAccessKeyCommand,
  'iam:DeleteLoginProfile': DeleteLoginProfileCommand,
  'iam:DeleteRole': DeleteRoleCommand,
  'iam:DeleteRolePermissionsBoundary': DeleteRolePermissionsBoundaryCommand,
  'iam:DeleteRolePolicy': DeleteRolePolicyCommand,
  'iam:DeleteSSHPublicKey': DeleteSSHPublicKeyCommand,
  'iam:DeleteServiceSpecificCredential': DeleteServiceSpecificCredentialCommand,
  'iam:DeleteSigningCertificate': DeleteSigningCertificateCommand,
  'iam:DeleteUser': DeleteUserCommand,
  'iam:DeleteUserPermissionsBoundary': DeleteUserPermissionsBoundaryCommand,
  'iam:DeleteUserPolicy': DeleteUserPolicyCommand,
  'iam:DeleteVirtualMFADevice': DeleteVirtualMFADeviceCommand,
  'iam:DetachRolePolicy': DetachRolePolicyCommand,
  'iam:DetachUserPolicy': DetachUserPolicyCommand,
  'iam:PutRolePermissionsBoundary': PutRolePermissionsBoundaryCommand,
  'iam:PutRolePolicy': PutRolePolicyCommand,
  'iam:PutUserPermissionsBoundary': PutUserPermissionsBoundaryCommand,
  'iam:PutUserPolicy': PutUserPolicyCommand,
  'iam:RemoveRoleFromInstanceProfile': RemoveRoleFromInstanceProfileCommand,
  'iam:RemoveUserFromGroup': RemoveUserFromGroupCommand,
  'iam:TagRole': TagRoleCommand,
  'iam:TagUser': TagUserCommand,
  'iam:UpdateAccessKey': UpdateAccessKeyCommand,
  'iam:UpdateSSHPublicKey': UpdateSSHPublicKeyCommand,
  'iam:UpdateSigningCertificate': UpdateSigningCertificateCommand,
  'iam:UploadSSHPublicKey': UploadSSHPublicKeyCommand,
  'iam:UploadSigningCertificate': UploadSigningCertificateCommand,
} as const satisfies Record<StepAction, unknown>;

/** What the SDK takes for an action. */
export type StepInput<Action extends StepAction> = ConstructorParameters<(typeof COMMANDS)[Action]>[0];

/** A step whose parameters the compiler has checked. */
export const step = <Action extends StepAction>(action: Action, input: StepInput<Action>): Step => ({
  action,
  input: { ...input },
});

/** The final delete, sent before anything is detached. */
export const probe = <Action extends StepAction>(action: Action, input: StepInput<Action>): Step => ({
  ...step(action, input),
  probe: true,
});

type Sendable = Parameters<IAMClient['send']>[0];

const ONLY_ATTEMPT: Attempt = { isRepeat: false, ready: () => Promise.resolve() };

/**
 * Sends one step, once. An error is the SDK's own, so that the caller can tell a conflict from a refusal.
 * @returns AWS's id of the request, for the record; null: the answer had none.
 * @throws DomainError `NOT_A_STEP` for anything but the actions of `STEP_ACTIONS`; what `attempt.ready` throws; the SDK's
 * errors; `LeaseLost`.
 */
export async function sendStep(
  access: AccountAccess,
  { action, input }: Pick<Step, 'action' | 'input'>,
  attempt: Attempt = ONLY_ATTEMPT,
): Promise<{ requestId: string | null }> {
  if (!Object.hasOwn(COMMANDS, action)) {
    throw new DomainError('NOT_A_STEP', `${action} is no request that clean-up may send.`);
  }
  const Command = COMMANDS[action] as unknown as new (parameters: Step['input']) => Sendable;
  const { $metadata } = await access.sendOnce(new Command(input), attempt);
  return { requestId: $metadata.requestId ?? null };
}

const DOCUMENTS = new Set(['AssumeRolePolicyDocument', 'PolicyDocument']);
const BODIES = new Set(['CertificateBody', 'SSHPublicKeyBody']);
const BODY_SHOWN = 24;

/**
 * A step's parameters for people and for the record: names and ids as they are, documents by their SHA-256, long bodies
 * by their beginning and SHA-256. No step carries a secret: none of them makes a credential.
 */
export function shownRequest({ input }: Pick<Step, 'input'>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, shownValue(name, value)]));
}

function shownValue(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (DOCUMENTS.has(name)) return `sha256:${sha256(value)}`;
  if (BODIES.has(name)) return `${value.slice(0, BODY_SHOWN)}… sha256:${sha256(value)}`;
  return value;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
