import { group, instanceProfile } from '../execution/sessions/item-needs';
import type { SessionNeeds } from '../execution/sessions/session-policy';
import { named } from '../execution/sessions/session-policy';
import { actionFor } from '../actions';
import type { PlanItemRow } from '../items/plan-item';
import type { Observed } from '../observed';

/** What a session must be allowed to make one item again, and nothing else: itself, its groups, its instance profiles. */
export function restoreNeeds(item: PlanItemRow, snapshot: Observed | null): SessionNeeds {
  const isRole = item.course === 'role';
  const arns = named(item.arn);
  const groups = snapshot?.kind === 'user' ? snapshot.groups : [];
  const profiles = snapshot?.kind === 'role' ? snapshot.instanceProfileArns : [];
  return {
    grants: actionFor(item.course, 'restore').permissions,
    resources: {
      any: ['*'],
      users: isRole ? [] : arns,
      roles: isRole ? arns : [],
      groups: [],
      'instance-profiles': [],
      'mfa-devices': [],
      'mothball-roles': [],
      topics: [],
    },
    hanging: [...groups.map((name) => group(name, item)), ...profiles.map(instanceProfile)],
  };
}
