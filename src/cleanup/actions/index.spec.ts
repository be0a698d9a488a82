import { readdirSync } from 'node:fs';
import { actionsOf, type Grant } from '../../aws/grants';
import { checks } from '../../findings/checks';
import { cleanupActions } from '.';

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
    expect(boundaries).toHaveLength(2);
    expect(boundaries.every(({ when }) => when === 'boundary-is-deny-all')).toBe(true);
  });

  it('bring back without making credentials or deleting anything but a boundary', () => {
    const wrong =
      /^iam:(Create(AccessKey|LoginProfile|VirtualMFA|ServiceSpecific)|UpdateLoginProfile|Delete(?!(User|Role)PermissionsBoundary$))/;
    expect(actionsOf(grantsOf('restore')).filter((action) => wrong.test(action))).toEqual([]);
  });
});
