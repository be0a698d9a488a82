import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';

/**
 * What a sealed value belongs to. It is authenticated with the value, so that one cannot be moved to another row, column
 * or tenant and still open.
 */
export interface Binding {
  /** What it is for, which is also where it lies: "account.external-id". Never changes once it is released. */
  readonly purpose: string;
  /** The id of its row. Ids are random and of one row in the whole service. */
  readonly object: string;
  /**
   * The row's tenant. Left out for rows that change hands: an assigned account takes a new `tenant_id` by one statement
   * in the database, which has no keys. There the row's id, which goes along and is unique over all tenants, binds.
   */
  readonly tenant?: string;
}

/** AES-256-GCM. https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf */
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed value: version, data key's id, nonce, tag, ciphertext. */
const VERSION = 1;
const KEY_ID_FROM = 1;
const KEY_ID_BYTES = 16;
const HEADER_BYTES = KEY_ID_FROM + KEY_ID_BYTES;

/** In SQL: whether the value in `column` was sealed with another data key than this parameter's. */
export const sealedWithAnother = (column: string, parameter: string): string =>
  `substring(${column} FROM ${KEY_ID_FROM + 1} FOR ${KEY_ID_BYTES}) <> uuid_send(${parameter}::uuid)`;

export function sealWith(key: KeyObject, keyId: string, binding: Binding, value: Buffer): Buffer {
  const header = Buffer.concat([Buffer.from([VERSION]), Buffer.from(keyId.replaceAll('-', ''), 'hex')]);
  return Buffer.concat([header, encrypt(key, Buffer.concat([header, bound(binding)]), value)]);
}

/** Throws an error without details when the value was changed, or sealed for something else. */
export function openWith(key: KeyObject, binding: Binding, sealed: Buffer): Buffer {
  const header = sealed.subarray(0, HEADER_BYTES);
  return decrypt(key, Buffer.concat([header, bound(binding)]), sealed.subarray(HEADER_BYTES));
}

/** The id of the data key that a value was sealed with; null for what is no sealed value of this version. */
export function keyIdOf(sealed: Buffer): string | null {
  if (sealed.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION) return null;
  const hex = sealed.toString('hex', KEY_ID_FROM, HEADER_BYTES);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A data key under a master key: nonce, tag, ciphertext. */
export const wrap = (master: KeyObject, masterId: string, keyId: string, key: Buffer): Buffer =>
  encrypt(master, wrapping(masterId, keyId), key);

/** Throws when `master` is not the key that wrapped it. */
export const unwrap = (master: KeyObject, masterId: string, keyId: string, wrapped: Buffer): Buffer =>
  decrypt(master, wrapping(masterId, keyId), wrapped);

const bound = ({ purpose, object, tenant }: Binding): Buffer =>
  Buffer.from(JSON.stringify(['mothball secret', purpose, object, tenant ?? null]));

const wrapping = (masterId: string, keyId: string): Buffer =>
  Buffer.from(JSON.stringify(['mothball data key', masterId, keyId]));

function encrypt(key: KeyObject, authenticated: Buffer, value: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(authenticated);
  const text = Buffer.concat([cipher.update(value), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(key: KeyObject, authenticated: Buffer, sealed: Buffer): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(authenticated)
    .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
