import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { derivePasswords, logins, parseAdminUrl, scramVerifier, withParts } from './database-logins.mjs';

describe('the passwords of the logins', () => {
  it('are the same on every host with the same address, and differ between logins', () => {
    const here = derivePasswords('admin-password', undefined);
    expect(derivePasswords('admin-password', undefined)).toEqual(here);
    expect(new Set(Object.values(here)).size).toBe(logins.length);
    expect(derivePasswords('another', undefined)).not.toEqual(here);
  });

  it('follow MOTHBALL_SECRET alone where there is one, so that the administrator may change the password', () => {
    const secret = 'a secret of this service';
    expect(derivePasswords('old', secret)).toEqual(derivePasswords('new', secret));
  });

  it('are never derived from nothing, nor from a secret that can be guessed', () => {
    expect(() => derivePasswords('', undefined)).toThrow(/MOTHBALL_SECRET/);
    expect(() => derivePasswords('admin-password', 'short')).toThrow(/16 characters/);
  });

  it('reach Postgres as the verifier that RFC 5803 describes', () => {
    const verifier = scramVerifier('pencil');
    const match = /^SCRAM-SHA-256\$4096:([^$]+)\$([^:]+):(.+)$/.exec(verifier);
    const [, salt, stored, server] = match ?? [];
    const salted = pbkdf2Sync('pencil', Buffer.from(salt ?? '', 'base64'), 4096, 32, 'sha256');
    const key = (text: string) => createHmac('sha256', salted).update(text).digest();
    expect(stored).toBe(createHash('sha256').update(key('Client Key')).digest('base64'));
    expect(server).toBe(key('Server Key').toString('base64'));
    expect(verifier).not.toContain('pencil');
    expect(scramVerifier('pencil')).toBe(verifier);
  });
});

describe('the address of a login', () => {
  it('keeps what the administrator said about the connection', () => {
    const admin = 'postgres://root:p%40ss@db.example:6432/main?sslmode=verify-full';
    const url = withParts(admin, { user: 'mothball_app', password: 'a/b', database: 'other db' });
    expect(url).toBe('postgres://mothball_app:a%2Fb@db.example:6432/other%20db?sslmode=verify-full');
  });

  it.each([
    ['nonsense', /not an address/],
    ['mysql://u:p@h/d', /must begin with postgres/],
    ['postgres://u:p@h', /lacks its database/],
    ['postgres://h/d', /lacks its user/],
  ])('is refused with a sentence when it is %s', (url, sentence) => {
    expect(() => parseAdminUrl(url)).toThrow(sentence);
  });
});
