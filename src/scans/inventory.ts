/**
 * The inventory: what a scan saw, in the form that collectors give, the database keeps and checks judge.
 * Everything that AWS did not tell is `unknown` with a reason; a gap is never taken for "never used".
 */
export type IdentityKind = 'user' | 'role' | 'password' | 'access-key';

export type LastUsed =
  | { readonly state: 'at'; readonly at: Date; readonly region: string | null; readonly service: string | null }
  /** AWS has tracked this identity for its whole life and saw no use. */
  | { readonly state: 'never' }
  /** Older than AWS's tracking, which saw no use. `since`: where the time that tracking covers begins; null: a rolling window of `ROLE_TRACKING_DAYS`. */
  | { readonly state: 'before-tracking'; readonly since: Date | null }
  | { readonly state: 'unknown'; readonly reason: string };

/** `RoleLastUsed` covers the trailing 400 days. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html */
export const ROLE_TRACKING_DAYS = 400;

/** A fact that was read, or the reason why it was not. */
export type Known<T> =
  { readonly state: 'known'; readonly value: T } | { readonly state: 'unknown'; readonly reason: string };

interface InventoryPrincipal {
  readonly arn: string;
  /** `AIDA…` / `AROA…`; for the root user the account id. */
  readonly uniqueId: string;
  readonly name: string;
  readonly path: string;
  readonly createdAt: Date;
  readonly tags: Readonly<Record<string, string>>;
  readonly boundaryArn: string | null;
  readonly attachedPolicyArns: readonly string[];
  readonly inlinePolicyNames: readonly string[];
}

export interface InventoryPassword {
  readonly kind: 'password';
  /** `password_last_changed`; null where the report does not say. */
  readonly lastChangedAt: Date | null;
  readonly lastUsed: LastUsed;
  readonly mfaActive: boolean | null;
}

export interface InventoryAccessKey {
  readonly kind: 'access-key';
  /** 1 or 2: the column of the credential report. Not an identity: AWS may renumber. */
  readonly slot: number;
  /** `AKIA…`; null until it has been looked up. */
  readonly accessKeyId: string | null;
  readonly active: boolean;
  /** The report's `access_key_N_last_rotated`, in whole seconds; null where the report does not say. */
  readonly createdAt: Date | null;
  readonly lastUsed: LastUsed;
}

/** What the credential report says of one user. */
export interface ReportedCredentials {
  readonly password: InventoryPassword | null;
  readonly accessKeys: readonly InventoryAccessKey[];
  readonly activeCertificates: number;
}

/** Credentials that neither the report nor authorization details show; asked only for users about to be flagged. */
export interface OtherCredentials {
  readonly activeSshKeys: number;
  readonly activeServiceSpecific: number;
}

export interface InventoryUser extends InventoryPrincipal {
  readonly kind: 'user';
  readonly isRoot: boolean;
  readonly groups: readonly string[];
  readonly credentials: Known<ReportedCredentials>;
  readonly otherCredentials: Known<OtherCredentials>;
}

export interface InventoryRole extends InventoryPrincipal {
  readonly kind: 'role';
  readonly lastUsed: LastUsed;
  readonly instanceProfileArns: readonly string[];
  /** Principals of the trust policy, as written: `lambda.amazonaws.com`, `arn:…`, `*`. */
  readonly trustedPrincipals: readonly string[];
}

/** The user that owns a password or key, as far as judging needs it. */
export type Owner = Pick<InventoryUser, 'name' | 'path' | 'arn' | 'uniqueId' | 'isRoot' | 'tags'>;
