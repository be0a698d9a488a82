import type { RoleProof } from '../../aws/role-proof';

/** The roles of one account that verification looks at. */
export const ACCOUNT_ROLE_KINDS = ['scan', 'cleanup', 'restore'] as const;
export type AccountRoleKind = (typeof ACCOUNT_ROLE_KINDS)[number];

/** `not-known`: it could neither be tried nor simulated; nothing is claimed. `not-granted`: it is an option. */
export type PermissionState = 'present' | 'missing' | 'not-known' | 'not-granted';

export interface PermissionFinding {
  readonly action: string;
  readonly state: PermissionState;
  /** Null where it is present. */
  readonly why: string | null;
  readonly remedy: string | null;
}

/** Something that the role may do and must not. */
export interface TooWide {
  readonly action: string;
  readonly resource: string;
  readonly why: string;
  readonly remedy: string;
}

export interface RoleFindings {
  readonly kind: AccountRoleKind;
  readonly roleArn: string;
  readonly outcome: RoleProof['outcome'];
  readonly problem: string | null;
  readonly remedy: string | null;
  readonly permissions: readonly PermissionFinding[];
  readonly tooWide: readonly TooWide[];
}
