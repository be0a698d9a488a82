import { readFileSync } from 'node:fs';

export interface EncryptionKey {
  readonly id: string;
  readonly key: Buffer;
}

const ENTRY = /^([A-Za-z0-9][A-Za-z0-9._-]{0,62}):([A-Za-z0-9+/]{43}=)$/;

const HOW_TO_MAKE =
  'Make one with `openssl rand -base64 32` or `node -p "crypto.randomBytes(32).toString(\'base64\')"`, keep a copy ' +
  'away from the database, and set MOTHBALL_ENCRYPTION_KEYS=<a name for it>:<the key>';

/** Reads `id:base64,id:base64`, or one a line. `problems` are sentences for people and never quote a key. */
export function parseEncryptionKeys(text: string): { keys: EncryptionKey[]; problems: string[] } {
  const keys: EncryptionKey[] = [];
  const problems: string[] = [];
  for (const entry of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const [, id, key] = ENTRY.exec(entry) ?? [];
    if (id === undefined || key === undefined) {
      const place = keys.length + problems.length + 1;
      problems.push(
        `MOTHBALL_ENCRYPTION_KEYS: key ${place} is not of the form id:base64 with 32 bytes. ${HOW_TO_MAKE}`,
      );
    } else if (keys.some((known) => known.id === id)) {
      problems.push(`MOTHBALL_ENCRYPTION_KEYS: the id "${id}" is there twice: give each key its own.`);
    } else keys.push({ id, key: Buffer.from(key, 'base64') });
  }
  if (keys.length + problems.length === 0) {
    problems.push(`MOTHBALL_ENCRYPTION_KEYS: secrets need a key. ${HOW_TO_MAKE}`);
  }
  return { keys, problems };
}

/** A key that is made up at start would be gone with the disk, and every secret with it: so there is no default. */
export function readEncryptionKeys(environment: NodeJS.ProcessEnv, problems: string[]): string {
  const { MOTHBALL_ENCRYPTION_KEYS: given, MOTHBALL_ENCRYPTION_KEYS_FILE: file } = environment;
  if (given && file)
    problems.push('MOTHBALL_ENCRYPTION_KEYS, MOTHBALL_ENCRYPTION_KEYS_FILE: set one of them, not both');
  try {
    const text = given || !file ? (given ?? '') : readFileSync(file, 'utf8');
    problems.push(...parseEncryptionKeys(text).problems);
    return text;
  } catch (error) {
    problems.push(`MOTHBALL_ENCRYPTION_KEYS_FILE: ${error instanceof Error ? error.message : String(error)}`);
    return '';
  }
}
