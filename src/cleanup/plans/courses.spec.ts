import { aKey, aPassword, credentials } from '../../scans/test-inventory';
import { candidatesOf } from './courses';
import { aFinding, roleToPlan, userToPlan } from './test-candidates';

const key = (slot: number, active = true) => aKey({ slot, active, accessKeyId: `AKIA${slot}` });
const withCredentials = (changes: Parameters<typeof credentials>[0]) =>
  userToPlan({ credentials: credentials(changes) });
const told = (candidates: ReturnType<typeof candidatesOf>): string[] =>
  candidates.map(({ course, identityId, findings }) => `${course} ${identityId}: ${findings.length}`);

describe('the course of findings', () => {
  it('is the role for a role', () => {
    expect(told(candidatesOf(roleToPlan(), [aFinding('reporting', 'unused-role')], false))).toEqual([
      'role reporting: 1',
    ]);
  });

  it('is one for the findings of one key, and another one for the other key', () => {
    const user = withCredentials({ accessKeys: [key(1), key(2)] });
    const findings = [
      aFinding('alice/key1', 'unused-access-key'),
      aFinding('alice/key1', 'access-key-not-rotated'),
      aFinding('alice/key2', 'second-active-key'),
    ];
    expect(told(candidatesOf(user, findings, false))).toEqual(['access-key alice/key1: 2', 'access-key alice/key2: 1']);
  });

  it('is the user where the user is flagged, with the findings of its keys and password', () => {
    const user = withCredentials({ accessKeys: [key(1)], password: aPassword() });
    const findings = [
      aFinding('alice/key1', 'unused-access-key'),
      aFinding('alice/password', 'unused-password'),
      aFinding('alice', 'unused-user'),
    ];
    expect(told(candidatesOf(user, findings, false))).toEqual(['user alice: 3']);
  });

  it('is the user for a password without a live key beside it', () => {
    const user = withCredentials({ accessKeys: [key(1, false)], password: aPassword() });
    const findings = [aFinding('alice/password', 'unused-password'), aFinding('alice/key1', 'inactive-access-key')];
    expect(told(candidatesOf(user, findings, false))).toEqual(['user alice: 2']);
  });

  it('is the password where a key is alive', () => {
    const user = withCredentials({ accessKeys: [key(1)], password: aPassword() });
    expect(told(candidatesOf(user, [aFinding('alice/password', 'unused-password')], true))).toEqual([
      'password alice/password: 1',
    ]);
  });

  it('is never the user because its keys were not read', () => {
    const user = userToPlan({ credentials: { state: 'unknown', reason: 'Denied.' } });
    expect(told(candidatesOf(user, [aFinding('alice/password', 'unused-password')], false))).toEqual([
      'password alice/password: 1',
    ]);
  });

  describe('with a policy that wants an observable quarantine', () => {
    const findings = [aFinding('alice/key1', 'unused-access-key')];
    const courseOf = (user: ReturnType<typeof userToPlan>, observable = true) =>
      candidatesOf(user, findings, observable).map(({ course }) => course);

    it('is the observed key where it is the only active credential', () => {
      expect(courseOf(withCredentials({ accessKeys: [key(1), key(2, false)] }))).toEqual(['observed-key']);
      expect(courseOf(withCredentials({ accessKeys: [key(1)] }), false)).toEqual(['access-key']);
    });

    it.each([
      ['another active key', withCredentials({ accessKeys: [key(1), key(2)] })],
      ['a password', withCredentials({ accessKeys: [key(1)], password: aPassword() })],
      ['a certificate', withCredentials({ accessKeys: [key(1)], activeCertificates: 1 })],
      [
        'an SSH key',
        userToPlan({
          credentials: credentials({ accessKeys: [key(1)] }),
          otherCredentials: { state: 'known', value: { activeSshKeys: 1, activeServiceSpecific: 0 } },
        }),
      ],
      [
        'nobody knows what else',
        userToPlan({
          credentials: credentials({ accessKeys: [key(1)] }),
          otherCredentials: { state: 'unknown', reason: 'Not asked.' },
        }),
      ],
    ])('is the key where there is %s', (_, user) => expect(courseOf(user)).toEqual(['access-key']));

    it('is the key where the key is inactive', () => {
      const user = withCredentials({ accessKeys: [key(1, false)] });
      const inactive = [aFinding('alice/key1', 'inactive-access-key')];
      expect(candidatesOf(user, inactive, true).map(({ course }) => course)).toEqual(['access-key']);
    });
  });
});
