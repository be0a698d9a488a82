import type {
  InventoryAccessKey,
  InventoryPassword,
  InventoryRole,
  InventoryUser,
  LastUsed,
  OtherCredentials,
} from './inventory';

export interface StoredKey {
  readonly id: string;
  readonly key: InventoryAccessKey;
  readonly inactiveSince: Date | null;
  readonly keyIdAskedAt: Date | null;
}

export interface StoredUser {
  readonly id: string;
  readonly user: InventoryUser;
  readonly passwordId: string | null;
  /** In the order of `user.credentials.value.accessKeys`. */
  readonly keys: readonly StoredKey[];
  readonly otherCredentialsAskedAt: Date | null;
}

export interface StoredRole {
  readonly id: string;
  readonly role: InventoryRole;
}

const NOT_ASKED = 'SSH keys and service-specific credentials have not been read yet.';

export interface PrincipalRow {
  id: string;
  arn: string;
  unique_id: string;
  name: string;
  path: string;
  born_at: Date;
  tags: Record<string, string>;
}

interface Attachments {
  boundaryArn: string | null;
  attachedPolicyArns: string[];
  inlinePolicyNames: string[];
}

export type RoleDetail = Attachments & {
  lastUsed: StoredLastUsed;
  instanceProfileArns: string[];
  trustedPrincipals: string[];
};

export interface UserRow extends PrincipalRow {
  is_root: boolean;
  credentials_unknown: string | null;
  other_credentials: OtherCredentials | null;
  other_credentials_at: Date | null;
  other_credentials_problem: string | null;
  detail: Attachments & { groups: string[]; activeCertificates: number | null };
  credentials: CredentialRow[];
}

interface CredentialRow {
  id: string;
  kind: 'password' | 'access-key';
  active: boolean;
  born_at: string | null;
  access_key_id: string | null;
  inactive_since: string | null;
  key_id_asked_at: string | null;
  detail: { lastUsed: StoredLastUsed; slot?: number; mfaActive?: boolean | null };
}

/** As JSON keeps it. */
type StoredLastUsed =
  | { state: 'at'; at: string; region: string | null; service: string | null }
  | { state: 'never' }
  | { state: 'before-tracking'; since: string | null }
  | { state: 'unknown'; reason: string };

const date = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Member by member: jsonb keeps no order, and a row that is written again must have the hash it had. */
function readLastUsed(stored: StoredLastUsed): LastUsed {
  const { state } = stored;
  switch (state) {
    case 'at':
      return { state, at: new Date(stored.at), region: stored.region, service: stored.service };
    case 'before-tracking':
      return { state, since: date(stored.since) };
    case 'unknown':
      return { state, reason: stored.reason };
    case 'never':
      return { state };
  }
}

const principal = (row: PrincipalRow, detail: Attachments) => ({
  arn: row.arn,
  uniqueId: row.unique_id,
  name: row.name,
  path: row.path,
  createdAt: row.born_at,
  tags: row.tags,
  boundaryArn: detail.boundaryArn,
  attachedPolicyArns: detail.attachedPolicyArns,
  inlinePolicyNames: detail.inlinePolicyNames,
});

export function toRole(row: PrincipalRow & { detail: RoleDetail }): StoredRole {
  const { lastUsed, instanceProfileArns, trustedPrincipals } = row.detail;
  return {
    id: row.id,
    role: {
      kind: 'role',
      ...principal(row, row.detail),
      lastUsed: readLastUsed(lastUsed),
      instanceProfileArns,
      trustedPrincipals,
    },
  };
}

export function toUser(row: UserRow): StoredUser {
  const known = row.credentials_unknown === null;
  const password = known ? row.credentials.find((credential) => credential.kind === 'password') : undefined;
  const keys = known ? row.credentials.filter((credential) => credential.kind === 'access-key').map(toKey) : [];
  return {
    id: row.id,
    passwordId: password?.id ?? null,
    keys,
    otherCredentialsAskedAt: row.other_credentials_at,
    user: {
      kind: 'user',
      ...principal(row, row.detail),
      isRoot: row.is_root,
      groups: row.detail.groups,
      credentials:
        row.credentials_unknown === null
          ? {
              state: 'known',
              value: {
                password: password ? toPassword(password) : null,
                accessKeys: keys.map(({ key }) => key),
                activeCertificates: row.detail.activeCertificates ?? 0,
              },
            }
          : { state: 'unknown', reason: row.credentials_unknown },
      otherCredentials: row.other_credentials
        ? { state: 'known', value: row.other_credentials }
        : { state: 'unknown', reason: row.other_credentials_problem ?? NOT_ASKED },
    },
  };
}

const toPassword = (row: CredentialRow): InventoryPassword => ({
  kind: 'password',
  lastChangedAt: date(row.born_at),
  lastUsed: readLastUsed(row.detail.lastUsed),
  mfaActive: row.detail.mfaActive ?? null,
});

const toKey = (row: CredentialRow): StoredKey => ({
  id: row.id,
  inactiveSince: date(row.inactive_since),
  keyIdAskedAt: date(row.key_id_asked_at),
  key: {
    kind: 'access-key',
    slot: row.detail.slot ?? 0,
    accessKeyId: row.access_key_id,
    active: row.active,
    createdAt: date(row.born_at),
    lastUsed: readLastUsed(row.detail.lastUsed),
  },
});
