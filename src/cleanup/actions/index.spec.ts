import { readdirSync } from 'node:fs';
import { actionsOf, type Grant } from '../../aws/grants';
import { checks } from '../../findings/checks';
import { COURSES } from '../items/plan-item';
import { actionFor, type ActionPurpose, cleanupActions } from '.';

const grantsOf = (role: 'cleanup' | 'restore'): Grant[] =>
  cleanupActions.filter((action) => action.role === role).flatMap(({ permissions }) => permissions);

describe('the actions of clean-up', () => {
  it('are those that there is a file for, each with an id of its own', () => {
    const files = readdirSync(__dirname).filter((file) => file.endsWith('.action.ts'));
    expect(cleanupActions.map(({ id }) => `${id}.action.ts`).sort()).toEqual(files.sort());
  });

  it('fix findings of checks that exist, or bring something back', () => {
    const known = checks.map(({ id }): string => id);
    for (const { id, fixes, role } of cleanupActions) {
      expect(fixes.filter((check) => !known.includes(check))).toEqual([]);
      expect([id, fixes.length > 0]).toEqual([id, role === 'cleanup']);
    }
  });

  it('put away without ever being allowed to write a policy, make anything, or pass a role', () => {
    const dangerous =
      /^iam:(Attach|Create|Add|Upload|Tag|Update(?!AccessKey$)|Set|Put(?!(User|Role)PermissionsBoundary$)|PassRole)/;
    expect(actionsOf(grantsOf('cleanup')).filter((action) => dangerous.test(action))).toEqual([]);
  });

  it('touch boundaries only where the boundary is AWSDenyAll', () => {
    const boundaries = grantsOf('cleanup').filter(({ actions }) =>
      actions.some((action) => action.endsWith('Boundary')),
    );
    expect(boundaries).toHaveLength(3);
    expect(boundaries.every(({ when }) => when === 'boundary-is-deny-all')).toBe(true);
  });

  it('are each what does something to the courses that they name', () => {
    const purposes: readonly ActionPurpose[] = ['quarantine', 'silence', 'deletion', 'restore'];
    const possible = COURSES.flatMap((course) =>
      purposes.flatMap((purpose) => {
        try {
          return { course, action: actionFor(course, purpose) };
        } catch {
          return [];
        }
      }),
    );
    for (const action of cleanupActions) {
      const courses = possible.filter((one) => one.action === action).map(({ course }) => course);
      expect([action.id, [...action.courses].sort()]).toEqual([action.id, courses.sort()]);
    }
  });

  it('do not exist for what cannot be done, and say so', () => {
    for (const course of ['access-key', 'observed-key', 'password'] as const)
      expect(() => actionFor(course, 'restore')).toThrow(/no restore/);
    for (const course of ['access-key', 'password', 'role'] as const)
      expect(() => actionFor(course, 'silence')).toThrow(/no silence/);
  });

  it('bring back without making credentials or taking anything away', () => {
    const wrong =
      /^iam:(Create(AccessKey|LoginProfile|VirtualMFA|ServiceSpecific)|UpdateLoginProfile|UpdateAccessKey|Delete|Detach|Remove)/;
    expect(actionsOf(grantsOf('restore')).filter((action) => wrong.test(action))).toEqual([]);
  });
});
