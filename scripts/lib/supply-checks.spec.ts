import { licenceProblems, lockProblems, versionProblems } from './supply-checks.mjs';

const entry = { version: '1.2.3', integrity: 'sha512-abc=', license: 'MIT' };
const lockOf = (over: object) => ({ packages: { '': {}, 'node_modules/a': { ...entry, ...over } } });
const nothing = () => undefined;

describe('the lock', () => {
  it('is fine with hashes of everything and no addresses', () => {
    expect(lockProblems(lockOf({}))).toEqual([]);
  });

  it.each([
    ['no hash', { integrity: undefined }, /no sha512 integrity/],
    ['a weak hash', { integrity: 'sha1-abc=' }, /no sha512 integrity/],
    ['an address', { resolved: 'https://example.org/a-1.2.3.tgz' }, /comes from https:\/\/example/],
    ['a file', { resolved: 'file:../a.tgz' }, /comes from file:/],
    ['a repository', { resolved: 'git+ssh://git@github.com/x/a.git#1', integrity: undefined }, /comes from git/],
    ['a version that is an address', { version: 'https://example.org/a.tgz' }, /has the version https/],
  ])('is refused with %s', (_what, over, problem) => {
    expect(lockProblems(lockOf(over)).join('\n')).toMatch(problem);
  });
});

describe('package.json', () => {
  it.each(['^1.2.3', '~1.2.3', '1', '*', 'latest', 'github:x/a', 'file:../a', 'npm:b@1.2.3', 'https://x/a.tgz'])(
    'may not ask for %s',
    (version) => {
      expect(versionProblems({ dependencies: { a: version } })).toHaveLength(1);
      expect(versionProblems({ devDependencies: { a: version } })).toHaveLength(1);
    },
  );

  it('names one version', () => {
    expect(versionProblems({ dependencies: { a: '1.2.3', b: '18.4.0-beta.17' }, overrides: { c: '0.0.6' } })).toEqual(
      [],
    );
  });
});

describe('licences', () => {
  it.each<[unknown, boolean]>([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['Apache-2.0 AND MIT', true],
    ['Apache-2.0 AND GPL-3.0', false],
    ['GPL-3.0', false],
    [[{ type: 'MIT' }], true],
    ['SEE LICENSE IN LICENSE', false],
    [{}, false],
  ])('%j: may be handed on: %s', (licence, allowed) => {
    expect(licenceProblems(lockOf({}), () => licence)).toHaveLength(allowed ? 0 : 1);
  });

  it('of tools may be some more; of packages for other platforms the lock says them', () => {
    expect(licenceProblems(lockOf({ dev: true }), () => 'CC-BY-4.0')).toEqual([]);
    expect(licenceProblems(lockOf({}), () => 'CC-BY-4.0')).toHaveLength(1);
    expect(licenceProblems(lockOf({ license: 'GPL-3.0' }), nothing)).toHaveLength(1);
    expect(licenceProblems(lockOf({}), nothing)).toEqual([]);
  });
});
