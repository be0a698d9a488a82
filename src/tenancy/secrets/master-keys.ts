import { createSecretKey, type KeyObject } from 'node:crypto';
import { parseEncryptionKeys } from '../../encryption-keys';
import { DomainError } from '../../errors';

/** The keys that the database never sees; they wrap the data keys that lie in it. */
export class MasterKeys {
  private constructor(
    /** What new data keys are wrapped by. */
    readonly currentId: string,
    private readonly keys: ReadonlyMap<string, KeyObject>,
  ) {}

  /** Reads `id:base64,id:base64`; the first is the current one. Throws CONFIG_INVALID, which never quotes a key. */
  static parse(text: string): MasterKeys {
    const { keys, problems } = parseEncryptionKeys(text);
    const [first] = keys;
    if (!first || problems.length > 0) throw new DomainError('CONFIG_INVALID', problems.join('\n'));
    return new MasterKeys(first.id, new Map(keys.map(({ id, key }) => [id, createSecretKey(key)])));
  }

  get current(): KeyObject {
    return this.byId(this.currentId);
  }

  /** Throws ENCRYPTION_KEY_MISSING with what to put back. */
  byId(id: string): KeyObject {
    const key = this.keys.get(id);
    if (key) return key;
    throw new DomainError(
      'ENCRYPTION_KEY_MISSING',
      `Secrets in the database are sealed under the master key "${id}", which MOTHBALL_ENCRYPTION_KEYS does not have (it has ${[...this.keys.keys()].join(', ')}).`,
      { remedy: `Put "${id}" back behind the others, run \`npm run secrets:rotate\`, and only then take it away.` },
    );
  }
}
