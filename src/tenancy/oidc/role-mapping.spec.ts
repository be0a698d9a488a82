import type { RoleRule } from './oidc-settings';
import { claimsOfRules, fits, mapRoles } from './role-mapping';

const rules: RoleRule[] = [
  { claim: 'groups', value: 'mothball-admins', platform: 'admin' },
  { claim: 'groups', value: 'mothball-*', platform: 'viewer' },
  { claim: 'realm_access.roles', value: 'team-a', tenant: 'Team A', role: 'approver' },
  { claim: 'groups', value: 'everybody', tenant: 'team a', role: 'viewer' },
  { claim: 'https://example.com/roles', value: 'b', tenant: 'Team B', role: 'admin' },
];

describe('mapping claims to roles', () => {
  it('takes the first rule that fits, for the platform and for each tenant', () => {
    const both = mapRoles(rules, { groups: ['everybody', 'mothball-admins'], realm_access: { roles: ['team-a'] } });
    expect(both.platform).toBe('admin');
    expect([...both.tenants]).toEqual([['team a', 'approver']]);
    expect(mapRoles(rules, { groups: ['mothball-readers'] }).platform).toBe('viewer');
  });

  it('finds a claim by its whole name before it looks inside others', () => {
    expect([...mapRoles(rules, { 'https://example.com/roles': 'b' }).tenants]).toEqual([['team b', 'admin']]);
    expect(mapRoles(rules, { 'realm_access.roles': ['team-a'] }).tenants.size).toBe(1);
  });

  it.each([
    [{}],
    [{ groups: 'Mothball-admins' }],
    [{ groups: { 0: 'mothball-admins' } }],
    [{ groups: [['mothball-admins']] }],
    [{ groups: null }],
    [{ realm_access: null }],
    [{ constructor: { groups: ['mothball-admins'] } }],
  ])('gives nothing for %j', (claims) => {
    const { platform, tenants } = mapRoles(rules, claims);
    expect([platform, tenants.size]).toEqual([null, 0]);
  });

  it('keeps of the claims only those that rules ask for, and means the same by them', () => {
    const claims = { groups: ['everybody'], realm_access: { roles: ['team-a'] }, address: 'private' };
    const kept = claimsOfRules(rules, claims);
    expect(kept).toEqual({ groups: ['everybody'], 'realm_access.roles': ['team-a'] });
    expect(mapRoles(rules, kept)).toEqual(mapRoles(rules, claims));
  });
});

describe('a pattern', () => {
  it.each([
    ['admins', 'admins', true],
    ['admins', 'admins2', false],
    ['*', '', true],
    ['a*', 'abc', true],
    ['*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*a', 'a', false],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'aXcYb', false],
    ['a.c', 'abc', false],
    ['*ab*ab', 'xabab', true],
    ['*ab*ab', 'xab', false],
  ])('%s fits %s: %s', (pattern, value, expected) => {
    expect(fits(pattern, value)).toBe(expected);
  });

  it('cannot be made slow by a value', () => {
    const began = performance.now();
    expect(fits(`${'*a'.repeat(200)}b`, 'a'.repeat(100_000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(200);
  });
});
