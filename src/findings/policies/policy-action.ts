import { z } from 'zod';
import type { CheckId } from '../policy';

/** What may be done about a finding, the mildest first. */
export const actionModes = ['report', 'propose', 'automatic-quarantine', 'automatic-deletion'] as const;
export type ActionMode = (typeof actionModes)[number];

/** Whether a policy needs a second person's agreement before it holds. */
export const isAutomatic = (mode: ActionMode): boolean => actionModes.indexOf(mode) >= 2;

export const milderOf = (one: ActionMode, other: ActionMode): ActionMode =>
  actionModes.indexOf(one) <= actionModes.indexOf(other) ? one : other;

/** What these checks flag may be in daily use, so a person decides; the root user is for hands only. */
const FARTHEST: Readonly<Record<CheckId, ActionMode>> = {
  'unused-access-key': 'automatic-deletion',
  'unused-password': 'automatic-deletion',
  'unused-user': 'automatic-deletion',
  'unused-role': 'automatic-deletion',
  'access-key-not-rotated': 'propose',
  'second-active-key': 'propose',
  'inactive-access-key': 'automatic-deletion',
  'root-access-key': 'report',
};

const modesOf = (check: CheckId): ActionMode[] => actionModes.slice(0, actionModes.indexOf(FARTHEST[check]) + 1);
const modeOf = (check: CheckId) => z.enum(modesOf(check)).optional();

const mode = z
  .enum(actionModes)
  .describe(
    'report: findings only. propose: a plan is made, which people approve. automatic-quarantine and automatic-deletion: once a second person has agreed to this version of the policy; deletion also needs a platform admin’s leave for the tenant.',
  );

const perCheck = z
  .strictObject({
    'unused-access-key': modeOf('unused-access-key'),
    'unused-password': modeOf('unused-password'),
    'unused-user': modeOf('unused-user'),
    'unused-role': modeOf('unused-role'),
    'access-key-not-rotated': modeOf('access-key-not-rotated'),
    'second-active-key': modeOf('second-active-key'),
    'inactive-access-key': modeOf('inactive-access-key'),
    'root-access-key': modeOf('root-access-key'),
  } satisfies Record<CheckId, z.ZodType>)
  .describe('Another mode for single checks.');

/** As people write it. */
export const actionSchema = z
  .strictObject({
    mode: mode.optional(),
    observableQuarantine: z
      .boolean('must be true or false')
      .describe(
        'An inactive key shows no sign of life. true: where a flagged key is its user’s only active credential, the user is quarantined instead and the key stays active, so that its use is noticed. Default false.',
      )
      .optional(),
    perCheck: perCheck.optional(),
  })
  .describe('What may be done about findings. Default: report.');

export interface PolicyAction {
  readonly mode: ActionMode;
  readonly observableQuarantine: boolean;
  readonly perCheck: Readonly<Partial<Record<CheckId, ActionMode>>>;
}

export function resolveAction(written: z.output<typeof actionSchema> | undefined): PolicyAction {
  const { perCheck: modes = {} } = written ?? {};
  return {
    mode: written?.mode ?? 'report',
    observableQuarantine: written?.observableQuarantine ?? false,
    perCheck: Object.fromEntries(
      Object.entries(modes).flatMap(([check, one]) => (one === undefined ? [] : [[check, one]])),
    ),
  };
}

/** What may be done about one check's findings: never more than is right for what it flags. */
export const actionModeFor = (action: PolicyAction, check: CheckId): ActionMode =>
  milderOf(action.perCheck[check] ?? action.mode, FARTHEST[check]);

/** The farthest mode anywhere in the policy. */
export const farthestMode = (action: PolicyAction): ActionMode =>
  Object.values(action.perCheck).reduce<ActionMode>(
    (farthest, one) => (milderOf(farthest, one) === farthest ? one : farthest),
    action.mode,
  );
