import { registerEnumType } from '@nestjs/graphql';
import type { PlanGoal as Goal, PlanMode as Mode, PlanState as State } from '../../cleanup/items/plan-item';

export const PlanState = {
  DRAFT: 'draft',
  PROPOSED: 'proposed',
  APPROVED: 'approved',
  HALTED: 'halted',
  COMPLETED: 'completed',
  CANCELLED: 'cancelled',
  LAPSED: 'lapsed',
  REFUSED: 'refused',
} as const satisfies Record<string, State>;

registerEnumType(PlanState, {
  name: 'PlanState',
  description: 'How a plan stands.',
  valuesMap: {
    DRAFT: { description: 'To be looked at: nothing happens until it is proposed. Thrown away after a week.' },
    PROPOSED: { description: 'It can no longer be changed, and waits for its approvals.' },
    APPROVED: { description: 'It is carried out.' },
    HALTED: {
      description: 'It was stopped; `reason` and `remedy` say why and what to do. What it holds is still watched.',
    },
    COMPLETED: { description: 'Nothing is left to do.' },
    CANCELLED: { description: 'Somebody called it off: what was in quarantine was given back.' },
    LAPSED: { description: 'It was not approved, or not begun, in time.' },
    REFUSED: { description: 'A second person refused it.' },
  },
});

export const PlanMode = {
  BY_HAND: 'by-hand',
  PROPOSE: 'propose',
  AUTOMATIC_QUARANTINE: 'automatic-quarantine',
  AUTOMATIC_DELETION: 'automatic-deletion',
} as const satisfies Record<string, Mode>;

registerEnumType(PlanMode, {
  name: 'PlanMode',
  description: 'Who made a plan.',
  valuesMap: {
    BY_HAND: { description: 'Somebody selected its findings.' },
    PROPOSE: { description: 'A policy proposed it.' },
    AUTOMATIC_QUARANTINE: { description: 'A policy that puts into quarantine by itself.' },
    AUTOMATIC_DELETION: { description: 'A policy that deletes by itself, after the quarantine.' },
  },
});

export const PlanGoal = { QUARANTINE: 'quarantine', DELETION: 'deletion' } as const satisfies Record<string, Goal>;

registerEnumType(PlanGoal, {
  name: 'PlanGoal',
  description: 'How far a plan goes.',
  valuesMap: {
    QUARANTINE: { description: 'Into quarantine, and no further: it stays there until somebody decides.' },
    DELETION: { description: 'Into quarantine, and after that time without a sign of life it is deleted.' },
  },
});
