import { createSecretKey, randomBytes } from 'node:crypto';
import { newId } from '../../ids';
import { type Binding, keyIdOf, openWith, sealWith, unwrap, wrap } from './sealing';

const key = createSecretKey(randomBytes(32));
const keyId = newId();
const binding: Binding = { purpose: 'account.external-id', object: newId(), tenant: newId() };
const seal = (text: string, to = binding): Buffer => sealWith(key, keyId, to, Buffer.from(text));

describe('a sealed value', () => {
  it.each([['', 'a secret', 'ü'.repeat(100_000)]])('opens for what it was sealed for', (...texts) => {
    for (const text of texts) expect(openWith(key, binding, seal(text)).toString()).toBe(text);
  });

  it('says which key sealed it, holds nothing of its text, and is never the same twice', () => {
    const sealed = seal('mothball-0123456789');
    expect(keyIdOf(sealed)).toBe(keyId);
    expect(sealed.toString('latin1')).not.toContain('mothball-');
    expect(seal('mothball-0123456789').equals(sealed)).toBe(false);
  });

  it.each<[string, Partial<Binding>]>([
    ['row', { object: newId() }],
    ['purpose', { purpose: 'webhook.secret' }],
    ['tenant', { tenant: newId() }],
  ])('does not open for another %s', (_what, other) => {
    expect(() => openWith(key, { ...binding, ...other }, seal('x'))).toThrow();
  });

  it('does not open for no tenant when it was sealed for one, nor for texts that merely join alike', () => {
    const { tenant: _, ...ofNoTenant } = binding;
    expect(() => openWith(key, ofNoTenant, seal('x'))).toThrow();
    const sealed = seal('x', { purpose: 'a', object: 'bc' });
    expect(() => openWith(key, { purpose: 'ab', object: 'c' }, sealed)).toThrow();
  });

  it('does not open when any bit of it was changed', () => {
    const sealed = seal('some text');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => openWith(key, binding, changed)).toThrow();
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => openWith(key, binding, sealed.subarray(0, length))).toThrow();
    }
  });

  it('does not open with another key', () => {
    expect(() => openWith(createSecretKey(randomBytes(32)), binding, seal('x'))).toThrow();
  });

  it('is told from what is none', () => {
    expect(keyIdOf(Buffer.from('too short'))).toBeNull();
    expect(keyIdOf(Buffer.alloc(80, 9))).toBeNull();
  });
});

describe('a wrapped data key', () => {
  const master = createSecretKey(randomBytes(32));
  const dataKey = randomBytes(32);

  it('comes out as it went in, for its own id and its own master key only', () => {
    const wrapped = wrap(master, 'one', keyId, dataKey);
    expect(unwrap(master, 'one', keyId, wrapped).equals(dataKey)).toBe(true);
    expect(() => unwrap(master, 'two', keyId, wrapped)).toThrow();
    expect(() => unwrap(master, 'one', newId(), wrapped)).toThrow();
    expect(() => unwrap(createSecretKey(randomBytes(32)), 'one', keyId, wrapped)).toThrow();
  });
});
