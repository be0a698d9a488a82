import type { GrantTarget } from '../../../aws/grants';
import type { CleanupAction } from '../../action';
import { actionFor } from '../../actions';
import { isSilenced, usesBoundary } from '../../items/course-facts';
import type { DueItem } from '../../items/due-item';
import type { Observed } from '../../observed';
import type { Hanging } from './hanging';
import { literally, named, ofAnyPath, type SessionNeeds } from './session-policy';

/** What an item's next turn is about, and so what its session may do. */
export type Phase = 'rehearsing' | 'putting-away' | 'listening' | 'deleting' | 'returning';

export function phaseOf(item: Pick<DueItem, 'stage' | 'stage_before' | 'plan_dry_run'>): Phase {
  switch (item.stage) {
    case 'returning':
      return 'returning';
    case 'deleting':
      return 'deleting';
    case 'halted':
      return item.stage_before === 'returning' ? 'returning' : 'listening';
    case 'waiting':
    case 'quarantining':
      return item.plan_dry_run ? 'rehearsing' : 'putting-away';
    default:
      return 'listening';
  }
}

/** Whether its turn begins with a look at service-last-accessed data. */
export const looksAtUse = (item: DueItem): boolean => {
  const phase = phaseOf(item);
  return (phase === 'listening' || phase === 'deleting') && usesBoundary(item.course);
};

/** Only what the phase sends: giving back is part of listening, deleting is not. */
function actionsOf({ course }: DueItem, phase: Phase): CleanupAction[] {
  const quarantine = actionFor(course, 'quarantine');
  switch (phase) {
    case 'rehearsing':
    case 'putting-away':
    case 'returning':
      return [quarantine];
    case 'listening':
      return isSilenced(course) ? [quarantine, actionFor(course, 'silence')] : [quarantine];
    case 'deleting':
      return [actionFor(course, 'deletion')];
  }
}

/**
 * What a session must be allowed for one item. `snapshot`: what was there when it was first touched, where that is
 * known; devices are named by it, since nothing may have been added since.
 */
export function needsOf(item: DueItem, snapshot: Observed | null): SessionNeeds {
  const phase = phaseOf(item);
  const grants = actionsOf(item, phase).flatMap(({ permissions }) => permissions);
  const isRole = item.course === 'role';
  const resources: Record<GrantTarget, readonly string[]> = {
    any: ['*'],
    users: isRole ? [] : named(item.arn),
    roles: isRole ? named(item.arn) : [],
    groups: [],
    'instance-profiles': [],
    'mfa-devices': [],
    'mothball-roles': [],
    topics: [],
  };
  const hanging = phase === 'deleting' ? hangingOn(item, snapshot) : [];
  return { grants: phase === 'rehearsing' ? readsOnly(grants) : grants, resources, hanging };
}

function hangingOn(item: DueItem, snapshot: Observed | null): Hanging[] {
  if (item.course === 'role') return item.approved.instanceProfileArns.map(instanceProfile);
  if (item.course !== 'user') return [];
  const user = snapshot?.kind === 'user' ? snapshot : null;
  return [
    ...(user?.mfaDevices ?? []).flatMap(({ serialNumber: id, virtual }): Hanging[] =>
      virtual ? [{ on: 'mfa-devices', id, resources: [literally(id)] }] : [],
    ),
    ...(user?.groups ?? item.approved.groups).map((name) => group(name, item)),
  ];
}

export const group = (id: string, item: Pick<DueItem, 'partition' | 'aws_account_id'>): Hanging => ({
  ...{ on: 'groups', id },
  resources: ofAnyPath('group', id, { partition: item.partition, awsAccountId: item.aws_account_id }),
});

export const instanceProfile = (arn: string): Hanging => ({
  ...{ on: 'instance-profiles', id: arn.split('/').at(-1) ?? arn },
  resources: named(arn),
});

/** A rehearsal could not change anything if it wanted to. */
const readsOnly = (grants: SessionNeeds['grants']): SessionNeeds['grants'] =>
  grants.flatMap(({ on, when, actions }) => {
    const reads = actions.filter((action) => /^iam:(Get|List|Generate)/.test(action));
    return reads.length === 0 ? [] : [{ on, ...(when === undefined ? {} : { when }), actions: reads }];
  });
