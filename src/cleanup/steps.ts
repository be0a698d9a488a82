/** The requests that clean-up and restores may send to change something; nothing else is ever sent. */
export const STEP_ACTIONS = [
  'iam:AddRoleToInstanceProfile',
  'iam:AddUserToGroup',
  'iam:AttachRolePolicy',
  'iam:AttachUserPolicy',
  'iam:CreateRole',
  'iam:CreateUser',
  'iam:DeactivateMFADevice',
  'iam:DeleteAccessKey',
  'iam:DeleteLoginProfile',
  'iam:DeleteRole',
  'iam:DeleteRolePermissionsBoundary',
  'iam:DeleteRolePolicy',
  'iam:DeleteSSHPublicKey',
  'iam:DeleteServiceSpecificCredential',
  'iam:DeleteSigningCertificate',
  'iam:DeleteUser',
  'iam:DeleteUserPermissionsBoundary',
  'iam:DeleteUserPolicy',
  'iam:DeleteVirtualMFADevice',
  'iam:DetachRolePolicy',
  'iam:DetachUserPolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
  'iam:PutUserPermissionsBoundary',
  'iam:PutUserPolicy',
  'iam:RemoveRoleFromInstanceProfile',
  'iam:RemoveUserFromGroup',
  'iam:TagRole',
  'iam:TagUser',
  'iam:UpdateAccessKey',
  'iam:UpdateSSHPublicKey',
  'iam:UpdateSigningCertificate',
  'iam:UploadSSHPublicKey',
  'iam:UploadSigningCertificate',
] as const;
export type StepAction = (typeof STEP_ACTIONS)[number];

/** Whether a request takes something from an identity, or takes the identity itself. */
export const takesAway = (action: StepAction): boolean => /^iam:(Delete|Detach|Remove|Deactivate)/.test(action);

/** One request that changes something. */
export interface Step {
  readonly action: StepAction;
  /** The request's parameters as the SDK takes them. */
  readonly input: Readonly<Record<string, unknown>>;
  /**
   * The final delete, sent first: refused by "delete conflict", everything else may go; denied, nothing has been lost;
   * accepted, it was all there was to do.
   */
  readonly probe?: true;
}

/** A step as it was written down before it was sent (`item_steps`), with what became of it; null: not known. */
export interface IntendedStep {
  readonly action: StepAction;
  /** As `shownRequest` gives it: names and ids as they are. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly outcome: 'done' | 'already' | 'refused' | 'failed' | 'unanswered' | null;
}

/** Why an item is not worked on, or stops; sentences for people. */
export interface Refusal {
  /** `USED_SINCE`, `RE_CREATED`, `NEW_ATTACHMENT` … */
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}
