import { actions as answered, type ResourceType } from '../../aws-simulator/authorization/actions';
import { otherActions } from '../../aws-simulator/authorization/other-actions';
import type { GrantTarget } from '../../src/aws/grants';
import { ROLE_KINDS, roleNeeds } from '../../src/roles/needs';

/** What declarations say, held against AWS's Service Authorization Reference as the simulator has it. */
const RESOURCES: Readonly<Record<GrantTarget, readonly ResourceType[]>> = {
  // Whatever is authorized on a thing may be allowed on all things.
  any: ['none', 'user', 'role', 'any-identity', 'organization-target'],
  users: ['user', 'any-identity'],
  roles: ['role', 'any-identity'],
  groups: ['group'],
  'instance-profiles': ['instance-profile'],
  'mfa-devices': ['mfa'],
  'mothball-roles': ['any-identity'],
  topics: ['topic'],
};

const declared = ROLE_KINDS.flatMap((kind) =>
  roleNeeds[kind].flatMap(({ actions, on, when }) => actions.map((action) => ({ kind, action, on, when }))),
);

test.each(declared)('the $kind role’s $action exists, and is authorized on $on', ({ action, on, when }) => {
  const facts = answered[action];
  expect(RESOURCES[on]).toContain(facts?.resource ?? otherActions[action]);
  // A condition on a key that the action does not know would never hold.
  if (when === 'boundary-is-deny-all') expect(facts?.conditionKeys).toContain('iam:PermissionsBoundary');
});

test('the roles that read are allowed nothing that writes', () => {
  const reading = declared.filter(({ kind }) => kind === 'scan' || kind === 'list');
  expect(reading.filter(({ action }) => answered[action]?.write !== false)).toEqual([]);
});

test('no action of the simulator’s two lists is in both', () => {
  expect(Object.keys(otherActions).filter((action) => action in answered)).toEqual([]);
});
