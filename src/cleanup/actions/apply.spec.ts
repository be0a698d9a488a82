import fc from 'fast-check';
import type { ActionContext, CleanupAction } from '../action';
import { actionsOf } from '../../aws/grants';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed, ObservedRole, ObservedUser } from '../observed';
import { shownRequest } from '../requests';
import type { IntendedStep, Step } from '../steps';
import { aKey, anItem, approvedAs, aRole, aUser, contextOf, daysAgo, DENY_ALL } from './test-subjects';
import { actionFor, cleanupActions } from '.';

/** What IAM makes of a step; a copy of the rules that matter, so that many runs take no time. */
function effect(seen: Observed | null, { action, input }: Step): Observed | null {
  const text = (name: string): string => String(input[name]);
  if (seen === null) throw new Error(`NoSuchEntity: ${action}`);
  const without = <T>(items: readonly T[], is: (item: T) => boolean): T[] => {
    const left = items.filter((item) => !is(item));
    if (left.length !== items.length - 1) throw new Error(`NoSuchEntity: ${action} ${JSON.stringify(input)}`);
    return left;
  };
  const common = changedPrincipal(seen, action, text);
  if (common !== undefined) return common;
  if (seen.kind === 'role') {
    if (action === 'iam:RemoveRoleFromInstanceProfile') {
      const is = (arn: string): boolean => arn.endsWith(`/${text('InstanceProfileName')}`);
      return { ...seen, instanceProfileArns: without(seen.instanceProfileArns, is) };
    }
    throw new Error(`Not for a role: ${action}`);
  }
  switch (action) {
    case 'iam:DeleteLoginProfile':
      if (!seen.password) throw new Error('NoSuchEntity: no password');
      return { ...seen, password: null };
    case 'iam:UpdateAccessKey':
      return {
        ...seen,
        keys: [
          ...without(seen.keys, ({ id }) => id === text('AccessKeyId')),
          ...seen.keys
            .filter(({ id }) => id === text('AccessKeyId'))
            .map((key) => ({ ...key, active: input['Status'] === 'Active' })),
        ],
      };
    case 'iam:DeleteAccessKey':
      return { ...seen, keys: without(seen.keys, ({ id }) => id === text('AccessKeyId')) };
    case 'iam:DeleteSigningCertificate':
      return { ...seen, certificates: without(seen.certificates, ({ id }) => id === text('CertificateId')) };
    case 'iam:DeleteSSHPublicKey':
      return { ...seen, sshKeys: without(seen.sshKeys, ({ id }) => id === text('SSHPublicKeyId')) };
    case 'iam:DeleteServiceSpecificCredential':
      return {
        ...seen,
        serviceCredentials: without(seen.serviceCredentials, ({ id }) => id === text('ServiceSpecificCredentialId')),
      };
    case 'iam:DeactivateMFADevice':
      return { ...seen, mfaDevices: without(seen.mfaDevices, (one) => one.serialNumber === text('SerialNumber')) };
    case 'iam:DeleteVirtualMFADevice':
      if (seen.mfaDevices.some((one) => one.serialNumber === text('SerialNumber'))) throw new Error('DeleteConflict');
      return seen;
    case 'iam:RemoveUserFromGroup':
      return { ...seen, groups: without(seen.groups, (group) => group === text('GroupName')) };
    default:
      throw new Error(`Not for a user: ${action}`);
  }
}

/** Undefined: the action is another kind's own. */
function changedPrincipal(seen: Observed, action: string, text: (name: string) => string): Observed | null | undefined {
  const kind = seen.kind === 'user' ? 'User' : 'Role';
  switch (action) {
    case `iam:Delete${kind}`:
      if (attached(seen) > 0) throw new Error('DeleteConflict');
      return null;
    case `iam:Put${kind}PermissionsBoundary`:
      return { ...seen, boundaryArn: text('PermissionsBoundary') };
    case `iam:Delete${kind}PermissionsBoundary`:
      return { ...seen, boundaryArn: null };
    case `iam:Detach${kind}Policy`:
      if (!seen.attachedPolicyArns.includes(text('PolicyArn'))) throw new Error('NoSuchEntity');
      return { ...seen, attachedPolicyArns: seen.attachedPolicyArns.filter((arn) => arn !== text('PolicyArn')) };
    case `iam:Delete${kind}Policy`: {
      const { [text('PolicyName')]: gone, ...inlinePolicies } = seen.inlinePolicies;
      if (gone === undefined) throw new Error('NoSuchEntity');
      return { ...seen, inlinePolicies };
    }
    default:
      return undefined;
  }
}

const attached = (seen: Observed): number =>
  seen.attachedPolicyArns.length +
  Object.keys(seen.inlinePolicies).length +
  (seen.kind === 'role'
    ? seen.instanceProfileArns.length
    : seen.keys.length +
      seen.groups.length +
      seen.certificates.length +
      seen.sshKeys.length +
      seen.serviceCredentials.length +
      seen.mfaDevices.length +
      (seen.password ? 1 : 0));

const policies = fc.subarray(['arn:aws:iam::aws:policy/A', 'arn:aws:iam::123456789012:policy/p/B']);
const inlinePolicies = fc
  .subarray(['one', 'two'])
  .map((names): Record<string, string> => Object.fromEntries(names.map((name) => [name, '{}'])));
const use = fc.constantFrom(null, daysAgo(90), daysAgo(200)).map((at) => ({ known: true as const, at }));
const keys = fc
  .array(fc.record({ active: fc.boolean(), lastUse: use }), { maxLength: 2 })
  .map((list) => list.map((key, index) => aKey({ ...key, id: `AKIA${index}`, createdAt: daysAgo(400 - index) })));
const inactive = (kind: string) =>
  fc.subarray([`${kind}1`, `${kind}2`]).map((ids) => ids.map((id) => ({ id, active: false })));
const users = fc
  .record({
    attachedPolicyArns: policies,
    inlinePolicies,
    keys,
    groups: fc.subarray(['readers', 'writers']),
    password: fc.option(
      use.map((lastUse) => ({ createdAt: daysAgo(300), lastUse })),
      { nil: null },
    ),
    certificates: inactive('ASCA').map((all) => all.map((one) => ({ ...one, body: `PEM ${one.id}` }))),
    sshKeys: inactive('APKA').map((all) => all.map((one) => ({ ...one, body: `ssh-rsa ${one.id}` }))),
    serviceCredentials: inactive('ACCA').map((all) => all.map((one) => ({ ...one, serviceName: 's', userName: null }))),
    mfaDevices: fc.subarray([
      { serialNumber: 'arn:aws:iam::123456789012:mfa/one', virtual: true },
      { serialNumber: 'GAHT12345678', virtual: false },
    ]),
  })
  .map((changes): ObservedUser => aUser(changes));
const roles = fc
  .record({
    attachedPolicyArns: policies,
    inlinePolicies,
    lastUse: use,
    instanceProfileArns: fc.subarray([
      'arn:aws:iam::123456789012:instance-profile/one',
      'arn:aws:iam::123456789012:instance-profile/with/path/two',
    ]),
  })
  .map((changes): ObservedRole => aRole(changes));

/** One item on its way, interrupted after so many steps each time; every look is a fresh one. */
class Journey {
  readonly sent: Step[] = [];
  private readonly intended: IntendedStep[] = [];

  constructor(
    private item: PlanItemRow,
    public seen: Observed | null,
    private readonly snapshot: Observed,
    private readonly cuts: number[],
  ) {}

  context(): ActionContext {
    return contextOf(this.item, { snapshot: this.snapshot, intended: this.intended });
  }

  run(action: CleanupAction): void {
    for (let round = 0; round < 20; round += 1) {
      expect(action.refuse(this.seen, this.context())).toBeNull();
      const steps = action.apply(this.seen, this.context());
      if (steps.length === 0) return;
      const cut = this.cuts.shift() ?? Infinity;
      for (const [index, step] of steps.entries()) {
        if (index >= cut) {
          // Written down, and nobody knows whether it was sent.
          this.intended.push({ action: step.action, request: shownRequest(step), outcome: null });
          break;
        }
        if (this.send(step) === 'accepted-probe') break;
      }
    }
    throw new Error(`${action.id} does not come to an end.`);
  }

  private send(step: Step): 'accepted-probe' | 'sent' {
    this.sent.push(step);
    try {
      this.seen = effect(this.seen, step);
      this.intended.push({ action: step.action, request: shownRequest(step), outcome: 'done' });
    } catch (error) {
      if (!step.probe || !String(error).includes('DeleteConflict')) throw error;
      this.intended.push({ action: step.action, request: shownRequest(step), outcome: 'refused' });
      return 'sent';
    }
    return step.probe ? 'accepted-probe' : 'sent';
  }

  is(changes: Partial<PlanItemRow>): void {
    this.item = { ...this.item, ...changes };
  }
}

const cuts = fc.array(fc.nat({ max: 6 }), { maxLength: 5 });
const write = /^iam:(?!Get|List|Generate|PassRole)/;

describe('applying until nothing is left', () => {
  test.each([
    ['user', users],
    ['role', roles],
  ] as const)('deletes a %s, interrupted anywhere, and the boundary is there to the end', (course, subjects) => {
    fc.assert(
      fc.property(subjects as fc.Arbitrary<Observed>, cuts, (seen, cut) => {
        const journey = new Journey(anItem(seen), seen, seen, cut);
        journey.run(actionFor(course, 'quarantine'));
        journey.is({ quarantined_at: daysAgo(8) });
        if (course === 'user') {
          journey.run(actionFor(course, 'silence'));
          expect((journey.seen as ObservedUser).keys.filter(({ active }) => active)).toEqual([]);
          journey.is({ silenced_at: daysAgo(1) });
        }
        journey.run(actionFor(course, 'deletion'));
        expect(journey.seen).toBeNull();

        const deleted = journey.sent.filter(({ action }) => action === 'iam:DeleteVirtualMFADevice');
        const devices = seen.kind === 'user' ? seen.mfaDevices.filter(({ virtual }) => virtual) : [];
        expect(deleted.map(({ input }) => input['SerialNumber'])).toEqual(devices.map((one) => one.serialNumber));
        const names = journey.sent.map(({ input }) => input['UserName'] ?? input['RoleName'] ?? seen.name);
        expect(new Set(names)).toEqual(new Set([seen.name]));
        expect(journey.sent.filter(({ action }) => /Delete\w+Boundary$/.test(action))).toEqual([]);
        const put = journey.sent.find(({ action }) => /Put\w+Boundary$/.test(action));
        expect(journey.sent.indexOf(put as Step)).toBe(0);
        expect(put?.input['PermissionsBoundary']).toBe(DENY_ALL);
      }),
      { numRuns: 300 },
    );
  });

  test('deletes one key and never names its sibling', () => {
    fc.assert(
      fc.property(users, fc.nat({ max: 1 }), cuts, (user, index, cut) => {
        const key = user.keys[index];
        fc.pre(key !== undefined);
        const seen: ObservedUser = { ...user, scope: 'credentials' };
        const item = anItem(seen, { course: 'access-key', access_key_id: key?.id ?? null });
        const journey = new Journey(item, seen, seen, cut);
        journey.run(actionFor('access-key', 'quarantine'));
        journey.is({ quarantined_at: daysAgo(8) });
        journey.run(actionFor('access-key', 'deletion'));
        expect(journey.seen).toEqual({ ...seen, keys: seen.keys.filter(({ id }) => id !== key?.id) });
        expect(new Set(journey.sent.map(({ input }) => input['AccessKeyId']))).toEqual(new Set([key?.id]));
      }),
      { numRuns: 300 },
    );
  });

  test('gives back exactly what was there, at any point before a deletion', () => {
    fc.assert(
      fc.property(users, cuts, fc.boolean(), (user, cut, silenced) => {
        const journey = new Journey(anItem(user), user, user, cut);
        const quarantine = actionFor('user', 'quarantine');
        journey.run(quarantine);
        journey.is({ quarantined_at: daysAgo(8) });
        if (silenced) journey.run(actionFor('user', 'silence'));
        const back = quarantine.undo(journey.seen, journey.context());
        // Nothing works before everything does.
        expect(back.map(({ action }) => action).indexOf('iam:DeleteUserPermissionsBoundary')).toBe(back.length - 1);
        const now = back.reduce<Observed | null>(effect, journey.seen) as ObservedUser;
        const byId = (keys: ObservedUser['keys']) => [...keys].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect({ ...now, keys: byId(now.keys) }).toEqual({ ...user, keys: byId(user.keys) });
      }),
      { numRuns: 300 },
    );
  });
});

describe('permissions', () => {
  /** Asked for by AWS besides, for what a request holds or passes. */
  const DEPENDENT = ['iam:TagRole', 'iam:TagUser'];

  test('of each action are what its steps take, and no more', () => {
    const emitted = new Map<string, Set<string>>(cleanupActions.map(({ id }) => [id, new Set<string>()]));
    const note = (action: CleanupAction, steps: readonly Step[]): void =>
      steps.forEach((step) => emitted.get(action.id)?.add(step.action));
    for (const [seen, before, course] of situations()) {
      for (const action of cleanupActions.filter(({ courses }) => courses.includes(course))) {
        const key = before.kind === 'user' ? (before.keys[0]?.id ?? null) : null;
        const item = anItem(before, { course, access_key_id: key, approved: approvedAs(before) });
        const intended = everything(before);
        const context = contextOf(item, { snapshot: before, intended });
        note(action, action.apply(seen, context));
        note(action, action.undo(seen, context));
      }
    }
    for (const { id, permissions } of cleanupActions) {
      const declared = actionsOf(permissions).filter((action) => write.test(action) && !DEPENDENT.includes(action));
      expect([id, [...(emitted.get(id) ?? [])].sort()]).toEqual([id, declared]);
    }
  });

  const full = aUser({
    keys: [aKey(), aKey({ id: 'AKIATWO', createdAt: daysAgo(390) })],
    password: { createdAt: daysAgo(300), lastUse: { known: true, at: null } },
    attachedPolicyArns: ['arn:aws:iam::aws:policy/A'],
    inlinePolicies: { one: '{}' },
    groups: ['readers'],
    certificates: [{ id: 'ASCA', active: false, body: 'PEM' }],
    sshKeys: [{ id: 'APKA', active: false, body: 'ssh-rsa AAAA' }],
    serviceCredentials: [{ id: 'ACCA', active: false, serviceName: 's', userName: null }],
    mfaDevices: [{ serialNumber: 'arn:aws:iam::123456789012:mfa/one', virtual: true }],
  });
  const role = aRole({
    attachedPolicyArns: ['arn:aws:iam::aws:policy/A'],
    inlinePolicies: { one: '{}' },
    instanceProfileArns: ['arn:aws:iam::123456789012:instance-profile/one'],
  });

  function situations(): [Observed | null, Observed, PlanItemRow['course']][] {
    const silent: ObservedUser = {
      ...full,
      boundaryArn: DENY_ALL,
      keys: full.keys.map((key) => ({ ...key, active: false })),
    };
    const uploaded: ObservedUser = {
      ...full,
      certificates: [{ id: 'NEW1', active: true, body: 'PEM' }],
      sshKeys: [{ id: 'NEW2', active: true, body: 'ssh-rsa AAAA comment' }],
    };
    const looks: [Observed | null, Observed, PlanItemRow['course']][] = [
      ...(['user', 'observed-key', 'access-key', 'password'] as const).flatMap((course) =>
        [full, silent, uploaded, null].map(
          (seen) => [seen, full, course] as [ObservedUser | null, Observed, typeof course],
        ),
      ),
      ...[role, { ...role, boundaryArn: DENY_ALL }, null].map(
        (seen) => [seen, role, 'role'] as [ObservedRole | null, Observed, 'role'],
      ),
    ];
    return looks;
  }

  const everything = (of: Observed): IntendedStep[] => [
    { action: 'iam:PutUserPermissionsBoundary', request: { UserName: of.name }, outcome: 'done' },
    { action: 'iam:PutRolePermissionsBoundary', request: { RoleName: of.name }, outcome: 'done' },
    ...(of.kind === 'user' ? of.keys : []).map(({ id }): IntendedStep => ({
      action: 'iam:UpdateAccessKey',
      request: { UserName: of.name, AccessKeyId: id, Status: 'Inactive' },
      outcome: 'done',
    })),
  ];
});
