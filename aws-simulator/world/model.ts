/**
 * What the simulated AWS holds. Plain data: `world/` makes and ages it, `services/` answers for it.
 *
 * Times are instants of the simulator's own time line (milliseconds). `World.offsetMs` is how far time travel has
 * moved; what a caller sees of an IAM date is `new Date(instant - offsetMs)`, so that data ages while signatures,
 * sessions and the caller's clock stay real. "Now" on the time line is `Date.now() + offsetMs + aheadMs`: time that was
 * let pass puts AWS's clock ahead of the real one by `aheadMs`.
 */
export type Instant = number;

export interface LastUse {
  at: Instant;
  region: string;
  service: string;
}

export interface SimAccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  active: boolean;
  createdAt: Instant;
  lastUse: LastUse | null;
}

export interface SimPassword {
  createdAt: Instant;
  lastChangedAt: Instant;
  /** The user must choose another at the next sign-in. */
  resetRequired?: boolean;
}

export interface SimCredential {
  id: string;
  kind: 'ssh' | 'certificate' | 'service-specific';
  /** `codecommit.amazonaws.com` and the like; service-specific credentials only. */
  service: string | null;
  active: boolean;
  createdAt: Instant;
  /** The public key or certificate as it was uploaded; one that was generated gets its body from its id. */
  body?: string;
  /** Service-specific credentials made with an age; they stop by themselves. */
  expiresAt?: Instant;
}

/** A virtual device exists by itself, and may be enabled for a user; a hardware one exists while it is enabled. */
export interface SimMfaDevice {
  serialNumber: string;
  virtual: boolean;
  createdAt: Instant;
  enabledAt: Instant | null;
  tags: Map<string, string>;
}

/** Which role it holds is written in the role: `SimRole.instanceProfiles`. */
export interface SimInstanceProfile {
  name: string;
  path: string;
  uniqueId: string;
  createdAt: Instant;
  tags: Map<string, string>;
}

export interface SimPrincipal {
  name: string;
  path: string;
  uniqueId: string;
  createdAt: Instant;
  tags: Map<string, string>;
  boundaryArn: string | null;
  attachedPolicyArns: string[];
  /** Name to JSON document. */
  inlinePolicies: Map<string, string>;
  /** Attempts for each service namespace, denied ones included: service-last-accessed data. */
  serviceAttempts: Map<string, Instant>;
}

export interface SimUser extends SimPrincipal {
  groups: string[];
  password: SimPassword | null;
  /** `PasswordLastUsed`: survives deletion of the password. */
  passwordLastUsedAt: Instant | null;
  accessKeys: SimAccessKey[];
  credentials: SimCredential[];
  /** Serial numbers of the enabled ones. */
  mfaDevices: string[];
}

export interface SimRole extends SimPrincipal {
  description: string;
  maxSessionDuration: number;
  trustPolicy: string;
  lastUse: LastUse | null;
  instanceProfiles: string[];
}

export interface SimGroup {
  name: string;
  path: string;
  uniqueId: string;
  createdAt: Instant;
  attachedPolicyArns: string[];
  inlinePolicies: Map<string, string>;
}

export interface SimManagedPolicy {
  arn: string;
  name: string;
  path: string;
  policyId: string;
  document: string;
  createdAt: Instant;
  description?: string;
  tags?: Map<string, string>;
}

export interface SimRoot {
  createdAt: Instant;
  passwordLastUsedAt: Instant | null;
  accessKeys: SimAccessKey[];
  mfaActive: boolean;
}

export type AccountState = 'PENDING_ACTIVATION' | 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED';

/** The part of an account that Organizations shows; cheap, exists for each account from the start. */
export interface SimAccountSummary {
  accountId: string;
  name: string;
  email: string;
  state: AccountState;
  joinedMethod: 'INVITED' | 'CREATED';
  joinedAt: Instant;
  parentId: string;
  tags: Map<string, string>;
}

/** The IAM side of one account; made at first touch. */
export interface SimAccount {
  summary: SimAccountSummary;
  partition: string;
  alias: string | null;
  root: SimRoot;
  /** Keyed by lower-case name, as IAM's names are unique without regard to case. */
  users: Map<string, SimUser>;
  roles: Map<string, SimRole>;
  groups: Map<string, SimGroup>;
  /** Customer managed policies, by ARN. */
  policies: Map<string, SimManagedPolicy>;
  /** By lower-case name. */
  instanceProfiles: Map<string, SimInstanceProfile>;
  /** By serial number. */
  mfaDevices: Map<string, SimMfaDevice>;
}

export interface SimOrganizationalUnit {
  id: string;
  name: string;
  parentId: string;
}

export interface SimOrganization {
  id: string;
  rootId: string;
  managementAccountId: string;
  delegatedAdministratorIds: string[];
  units: Map<string, SimOrganizationalUnit>;
  accounts: Map<string, SimAccountSummary>;
}
