import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../../errors';
import { DataKeys } from './data-keys.service';
import { type Binding, keyIdOf, openWith, sealWith } from './sealing';

export type { Binding } from './sealing';

/** Seals values with the key that it was made with. */
export type Sealer = (binding: Binding, value: string | Buffer) => Buffer;

/**
 * Secrets at rest: sealed with AES-256-GCM by a data key of the database, which a master key of the environment wraps.
 * The column that holds one is listed in `sealed-columns.ts`, so that rotation finds it.
 */
@Injectable()
export class Secrets {
  constructor(private readonly keys: DataKeys) {}

  /** For one or many values written by the caller's transaction, and only by that. */
  async sealer(manager: EntityManager): Promise<Sealer> {
    const { id, key } = await this.keys.current(manager);
    return (binding, value) => sealWith(key, id, binding, Buffer.from(value));
  }

  async seal(manager: EntityManager, binding: Binding, value: string | Buffer): Promise<Buffer> {
    return (await this.sealer(manager))(binding, value);
  }

  /** Throws SECRET_UNREADABLE for a value that was changed, or that belongs to something else. */
  async open(binding: Binding, sealed: Buffer): Promise<string> {
    return (await this.openBytes(binding, sealed)).toString('utf8');
  }

  async openBytes(binding: Binding, sealed: Buffer): Promise<Buffer> {
    const keyId = keyIdOf(sealed);
    if (keyId === null) throw unreadable(binding);
    const key = await this.keys.byId(keyId);
    try {
      return openWith(key, binding, sealed);
    } catch (error) {
      throw unreadable(binding, error);
    }
  }
}

const unreadable = ({ purpose, object }: Binding, cause?: unknown): DomainError =>
  new DomainError(
    'SECRET_UNREADABLE',
    `The secret ${purpose} of ${object} was changed in the database, or belongs to something else.`,
    { cause, remedy: 'Restore its row from a backup, or make a new secret.' },
  );
