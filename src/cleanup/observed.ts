import type { Partition } from '../aws/partitions';

/** When AWS last saw it in use; `at` null with `known`: AWS has seen none. An unknown one is never acted on. */
export type ObservedUse =
  { readonly known: true; readonly at: Date | null } | { readonly known: false; readonly reason: string };

export interface ObservedKey {
  readonly id: string;
  readonly active: boolean;
  /** In whole seconds. */
  readonly createdAt: Date;
  readonly lastUse: ObservedUse;
}

/** `credentials`: a user with its keys and password; whatever else hangs on it was not read, and is not said to be absent. */
export type ObservedScope = 'credentials' | 'whole';

interface ObservedPrincipal {
  readonly scope: ObservedScope;
  readonly partition: Partition;
  readonly awsAccountId: string;
  /** `AIDA…`, `AROA…`. */
  readonly uniqueId: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly boundaryArn: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly attachedPolicyArns: readonly string[];
  /** Name → document, URL-decoded, as AWS keeps it. */
  readonly inlinePolicies: Readonly<Record<string, string>>;
}

/** A user with everything attached to it, as IAM itself has just told. */
export interface ObservedUser extends ObservedPrincipal {
  readonly kind: 'user';
  /** Null: it has no password. */
  readonly password: { readonly createdAt: Date; readonly lastUse: ObservedUse } | null;
  readonly keys: readonly ObservedKey[];
  readonly groups: readonly string[];
  readonly certificates: readonly { readonly id: string; readonly active: boolean; readonly body: string }[];
  readonly sshKeys: readonly { readonly id: string; readonly active: boolean; readonly body: string }[];
  readonly serviceCredentials: readonly {
    readonly id: string;
    readonly serviceName: string;
    readonly userName: string | null;
    readonly active: boolean;
  }[];
  /** Serial numbers: an ARN for a virtual device and a passkey, the number itself for a hardware one. */
  readonly mfaDevices: readonly { readonly serialNumber: string; readonly virtual: boolean }[];
}

/** The same of a role. */
export interface ObservedRole extends ObservedPrincipal {
  readonly kind: 'role';
  readonly lastUse: ObservedUse;
  readonly trustPolicy: string;
  readonly description: string | null;
  readonly maxSessionSeconds: number;
  /** ARNs. */
  readonly instanceProfileArns: readonly string[];
}

export type Observed = ObservedUser | ObservedRole;
