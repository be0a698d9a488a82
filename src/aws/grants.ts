/** What a role must be allowed, as data: role templates, verification and docs are all made from it. */
export interface Grant {
  /** `iam:UpdateAccessKey`; exact names, no wildcards. */
  readonly actions: readonly string[];
  readonly on: GrantTarget;
  /** A condition that must hold; none: always. */
  readonly when?: GrantCondition;
}

/**
 * What actions are allowed on. `any`: AWS authorizes them on no particular resource, or they read everything.
 * `mothball-roles`: the roles that were made for Mothball in the account, and no other. `topics`: those of SNS.
 */
export type GrantTarget =
  'any' | 'users' | 'roles' | 'groups' | 'instance-profiles' | 'mfa-devices' | 'mothball-roles' | 'topics';

/**
 * `boundary-is-deny-all`: the boundary that is put, or is there to be removed, is AWS's own `AWSDenyAll`.
 * `passed-to-ec2`: a role is passed to EC2 (an instance profile) and to no other service.
 */
export type GrantCondition = 'boundary-is-deny-all' | 'passed-to-ec2';

/** Of several declarations one list: a grant for each target and condition, its actions sorted, none twice. */
export function mergedGrants(grants: readonly Grant[]): Grant[] {
  const merged = new Map<string, { on: GrantTarget; when: GrantCondition | undefined; actions: Set<string> }>();
  for (const { on, when, actions } of grants) {
    const key = `${on} ${when ?? ''}`;
    const known = merged.get(key) ?? { on, when, actions: new Set<string>() };
    for (const action of actions) known.actions.add(action);
    merged.set(key, known);
  }
  return [...merged]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { on, when, actions }]) => ({
      on,
      ...(when === undefined ? {} : { when }),
      actions: [...actions].sort(),
    }));
}

/** Every action of the grants once, in the order of the alphabet. */
export const actionsOf = (grants: readonly Grant[]): string[] =>
  [...new Set(grants.flatMap(({ actions }) => actions))].sort();
