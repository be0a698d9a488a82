import { createHash } from 'node:crypto';
import { newId } from '../ids';
import { idleState } from './idle';
import type {
  IdentityKind,
  InventoryAccessKey,
  InventoryPassword,
  InventoryRole,
  InventoryUser,
  LastUsed,
  OtherCredentials,
} from './inventory';

/** One row of `identities` as a scan would write it; `id` is used only where the row is new. */
export interface IncomingRow {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly natural_key: string;
  /** The natural key of the user that owns a password or key. */
  readonly owner_key: string | null;
  readonly unique_id: string;
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly user_name: string | null;
  readonly is_root: boolean;
  readonly active: boolean;
  readonly born_at: Date | null;
  readonly last_used_state: LastUsed['state'] | null;
  readonly last_used_at: Date | null;
  readonly last_used_region: string | null;
  readonly last_used_service: string | null;
  readonly idle_since: Date | null;
  readonly access_key_id: string | null;
  readonly credentials_unknown: string | null;
  readonly other_credentials: OtherCredentials | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly content_hash: string;
}

type Content = Omit<IncomingRow, 'id' | 'content_hash'>;

/** A user with its password and keys; those of a user whose credentials are unknown are left as they were. */
export function rowsOfUser(user: InventoryUser): IncomingRow[] {
  const rows = [userRow(user)];
  if (user.credentials.state === 'unknown') return rows;
  const { password } = user.credentials.value;
  if (password) rows.push(passwordRow(user, password));
  return [...rows, ...keyRowsOf(user)];
}

/** Its access keys alone. */
export function keyRowsOf(user: InventoryUser): IncomingRow[] {
  const keys = user.credentials.state === 'known' ? user.credentials.value.accessKeys : [];
  return keys.map((key) => keyRow(user, key, keyNaturalKey(user, key, keys)));
}

export function rowOfRole(role: InventoryRole): IncomingRow {
  return finish({
    ...principal(role),
    kind: 'role',
    natural_key: role.uniqueId,
    user_name: null,
    is_root: false,
    active: true,
    born_at: role.createdAt,
    ...use(role.lastUsed, role.createdAt),
    credentials_unknown: null,
    other_credentials: null,
    detail: {
      ...attachments(role),
      lastUsed: role.lastUsed,
      instanceProfileArns: role.instanceProfileArns,
      trustedPrincipals: role.trustedPrincipals,
    },
  });
}

function userRow(user: InventoryUser): IncomingRow {
  const known = user.credentials.state === 'known' ? user.credentials.value : null;
  return finish({
    ...principal(user),
    kind: 'user',
    natural_key: user.uniqueId,
    user_name: user.name,
    is_root: user.isRoot,
    active: true,
    born_at: user.createdAt,
    ...NO_USE,
    credentials_unknown: user.credentials.state === 'unknown' ? user.credentials.reason : null,
    other_credentials: user.otherCredentials.state === 'known' ? user.otherCredentials.value : null,
    detail: { ...attachments(user), groups: user.groups, activeCertificates: known?.activeCertificates ?? null },
  });
}

function passwordRow(user: InventoryUser, password: InventoryPassword): IncomingRow {
  return finish({
    ...ofUser(user),
    kind: 'password',
    natural_key: `${user.uniqueId}:password`,
    name: user.name,
    active: true,
    born_at: password.lastChangedAt,
    ...use(password.lastUsed, password.lastChangedAt),
    detail: { lastUsed: password.lastUsed, mfaActive: password.mfaActive },
  });
}

function keyRow(user: InventoryUser, key: InventoryAccessKey, naturalKey: string): IncomingRow {
  return finish({
    ...ofUser(user),
    kind: 'access-key',
    natural_key: naturalKey,
    name: `${user.name}/access-key-${key.slot}`,
    active: key.active,
    born_at: key.createdAt,
    ...use(key.lastUsed, key.createdAt),
    access_key_id: key.accessKeyId,
    detail: { lastUsed: key.lastUsed, slot: key.slot },
  });
}

/**
 * A key that has no name yet is the same key as long as its user and its second of creation are the same; the slot
 * decides only where both keys were created in one second, since AWS may renumber them.
 */
function keyNaturalKey(user: InventoryUser, key: InventoryAccessKey, all: readonly InventoryAccessKey[]): string {
  if (key.createdAt === null) return `${user.uniqueId}:key:slot-${key.slot}`;
  const born = key.createdAt.toISOString().slice(0, 19);
  const twin = all.some((other) => other !== key && other.createdAt?.toISOString().slice(0, 19) === born);
  return twin ? `${user.uniqueId}:key:${born}:slot-${key.slot}` : `${user.uniqueId}:key:${born}`;
}

const NO_USE = {
  last_used_state: null,
  last_used_at: null,
  last_used_region: null,
  last_used_service: null,
  idle_since: null,
} as const;

function use(lastUsed: LastUsed, bornAt: Date | null) {
  const at = lastUsed.state === 'at' ? lastUsed : null;
  return {
    last_used_state: lastUsed.state,
    last_used_at: at?.at ?? null,
    last_used_region: at?.region ?? null,
    last_used_service: at?.service ?? null,
    idle_since: idleState(lastUsed, bornAt).idleSince,
  };
}

const principal = (of: InventoryUser | InventoryRole) => ({
  owner_key: null,
  unique_id: of.uniqueId,
  arn: of.arn,
  name: of.name,
  path: of.path,
  tags: of.tags,
  access_key_id: null,
});

const ofUser = (user: InventoryUser) => ({
  owner_key: user.uniqueId,
  unique_id: user.uniqueId,
  arn: user.arn,
  path: user.path,
  user_name: user.name,
  is_root: user.isRoot,
  access_key_id: null,
  credentials_unknown: null,
  other_credentials: null,
  tags: {},
});

const attachments = (of: InventoryUser | InventoryRole) => ({
  boundaryArn: of.boundaryArn,
  attachedPolicyArns: of.attachedPolicyArns,
  inlinePolicyNames: of.inlinePolicyNames,
});

/** What is looked up later (key ids, other credentials) is no part of the hash: the next scan does not bring it. */
function finish(content: Content): IncomingRow {
  const { access_key_id: _id, other_credentials: _other, tags, ...hashed } = content;
  const text = JSON.stringify([hashed, Object.entries(tags).sort()]);
  return { ...content, id: newId(), content_hash: createHash('sha256').update(text).digest('base64url') };
}
