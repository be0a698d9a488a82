import { DomainError } from '../../errors';
import { readIssuers } from './oidc-settings';

const good = { issuer: 'https://id.example.com', clientId: 'mothball' };

function problemOf(document: unknown): string {
  try {
    readIssuers(JSON.stringify(document));
  } catch (error) {
    if (error instanceof DomainError) return `${error.code} ${error.message}`;
  }
  return 'accepted';
}

describe('the issuers’ document', () => {
  it('is YAML or JSON; what is left out has a default', () => {
    const [fromJson] = readIssuers(JSON.stringify({ issuers: [good] }));
    const [fromYaml] = readIssuers('issuers:\n  - issuer: https://id.example.com\n    clientId: mothball\n');
    expect(fromJson).toEqual(fromYaml);
    expect(fromJson).toMatchObject({ clockSkewSeconds: 30, scopes: 'openid profile email', roles: [] });
    expect(fromJson?.algorithms).not.toContain('HS256');
  });

  it.each<[string, unknown, RegExp]>([
    ['a misspelt field', { issuers: [{ ...good, clientid: 'x' }] }, /issuers\[0\]\.clientid: there is no such field/],
    [
      'a misspelt field of a rule',
      { issuers: [{ ...good, roles: [{ claim: 'a', value: 'b', platfrom: 'admin' }] }] },
      /issuers\[0\]\.roles\[0\]\.platfrom: there is no such field/,
    ],
    ['a misspelt field at the top', { isuers: [] }, /isuers: there is no such field/],
    ['a missing field', { issuers: [{ issuer: good.issuer }] }, /issuers\[0\]\.clientId/],
    [
      'http',
      { issuers: [{ ...good, issuer: 'http://id.example.com' }] },
      /issuers\[0\]\.issuer: must begin with https/,
    ],
    [
      'loopback’s look-alike',
      { issuers: [{ ...good, issuer: 'http://127.0.0.1.example.com' }] },
      /must begin with https/,
    ],
    ['a shared secret’s algorithm', { issuers: [{ ...good, algorithms: ['HS256'] }] }, /algorithms\[0\]/],
    ['no algorithm', { issuers: [{ ...good, algorithms: ['none'] }] }, /algorithms\[0\]/],
    ['too much clock skew', { issuers: [{ ...good, clockSkewSeconds: 3_600 }] }, /clockSkewSeconds/],
    [
      'a role without a tenant',
      { issuers: [{ ...good, roles: [{ claim: 'a', value: 'b', role: 'admin' }] }] },
      /"platform".*"tenant"/,
    ],
    [
      'both kinds of role',
      { issuers: [{ ...good, roles: [{ claim: 'a', value: 'b', role: 'admin', tenant: 't', platform: 'admin' }] }] },
      /either/,
    ],
    [
      'an auditor of the platform',
      { issuers: [{ ...good, roles: [{ claim: 'a', value: 'b', platform: 'auditor' }] }] },
      /platform/,
    ],
    ['one issuer twice', { issuers: [good, good] }, /issuers\[1\]\.issuer: is listed already/],
  ])('is refused for %s, naming it', (_what, document, problem) => {
    expect(problemOf(document)).toMatch(/^CONFIG_INVALID MOTHBALL_OIDC/);
    expect(problemOf(document)).toMatch(problem);
  });

  it('is refused when it is neither', () => {
    expect(() => readIssuers('{ "issuers": [')).toThrow(/neither YAML nor JSON/);
    expect(() => readIssuers('a: &a [1]\nb: [*a, *a]')).toThrow(/MOTHBALL_OIDC/);
  });
});
