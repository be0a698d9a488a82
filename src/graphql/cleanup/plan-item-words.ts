import { registerEnumType } from '@nestjs/graphql';
import { type Course, type Stage, STAGES } from '../../cleanup/items/plan-item';

export const PlanCourse = {
  ACCESS_KEY: 'access-key',
  OBSERVED_KEY: 'observed-key',
  PASSWORD: 'password',
  USER: 'user',
  ROLE: 'role',
} as const satisfies Record<string, Course>;

registerEnumType(PlanCourse, {
  name: 'PlanCourse',
  description: 'What a plan’s item puts away.',
  valuesMap: {
    ACCESS_KEY: { description: 'One access key; its user stays.' },
    OBSERVED_KEY: {
      description:
        'One access key that is its user’s only active credential: the user is put into quarantine with the key active, so that a use of it is noticed; the key alone is deleted.',
    },
    PASSWORD: { description: 'A user’s console password; its user stays.' },
    USER: { description: 'A user with everything attached to it.' },
    ROLE: { description: 'A role with everything attached to it.' },
  },
});

export const PlanItemStage = {
  REFUSED: 'refused',
  WAITING: 'waiting',
  REHEARSED: 'rehearsed',
  QUARANTINING: 'quarantining',
  ANNOUNCED: 'announced',
  QUARANTINED: 'quarantined',
  SILENCED: 'silenced',
  DELETING: 'deleting',
  DELETED: 'deleted',
  RETURNING: 'returning',
  RESTORED: 'restored',
  RECREATING: 'recreating',
  RECREATED: 'recreated',
  HALTED: 'halted',
  DROPPED: 'dropped',
  HANDED_OVER: 'handed-over',
  CANCELLED: 'cancelled',
} as const satisfies Record<string, Stage>;

registerEnumType(PlanItemStage, {
  name: 'PlanItemStage',
  description: 'Exactly how far an item is.',
  valuesMap: {
    REFUSED: { description: 'Left out when the plan was made.' },
    WAITING: { description: 'Nothing has been done yet.' },
    REHEARSED: { description: 'A dry run: the requests were written down, none was sent.' },
    QUARANTINING: { description: 'It is being put into quarantine.' },
    ANNOUNCED: { description: 'A password: nothing has changed yet, its time of notice runs.' },
    QUARANTINED: { description: 'It is in quarantine, and signs of life are looked for.' },
    SILENCED: { description: 'A user: its keys are inactive as well, before it is deleted.' },
    DELETING: { description: 'It is being deleted.' },
    DELETED: { description: 'It is deleted. What is needed to bring it back is kept.' },
    RETURNING: { description: 'It is being given back from quarantine.' },
    RESTORED: { description: 'It was given back from quarantine, exactly as it was.' },
    RECREATING: { description: 'It is being made again.' },
    RECREATED: { description: 'It was made again after its deletion; `losses` says what could not come back.' },
    HALTED: { description: 'It stays as it is until somebody decides; `reason` and `remedy` say what to do.' },
    DROPPED: { description: 'Left alone when it was looked at again; if it was in quarantine it was given back.' },
    HANDED_OVER: { description: 'A later plan goes on with it.' },
    CANCELLED: { description: 'Its plan was called off before anything was done to it.' },
  },
});

export const PlanItemOutcome = {
  WAITING: 'WAITING',
  UNDER_WAY: 'UNDER_WAY',
  REFUSED: 'REFUSED',
  REHEARSED: 'REHEARSED',
  QUARANTINED: 'QUARANTINED',
  DELETED: 'DELETED',
  RESTORED: 'RESTORED',
  RECREATED: 'RECREATED',
  HALTED: 'HALTED',
  DROPPED: 'DROPPED',
  HANDED_OVER: 'HANDED_OVER',
  CANCELLED: 'CANCELLED',
} as const;
export type Outcome = keyof typeof PlanItemOutcome;

registerEnumType(PlanItemOutcome, {
  name: 'PlanItemOutcome',
  description: 'What has become of an item, for people; its stage is more exact.',
  valuesMap: {
    WAITING: { description: 'Nothing has been done yet.' },
    UNDER_WAY: { description: 'Requests are being sent to AWS for it, or are about to be.' },
    REFUSED: { description: 'Left out when the plan was made; the reason says why.' },
    REHEARSED: { description: 'A dry run: nothing was changed.' },
    QUARANTINED: { description: 'In quarantine, or its time of notice runs.' },
    DELETED: { description: 'Deleted; it can be made again for as long as its snapshot is kept.' },
    RESTORED: { description: 'Given back from quarantine, exactly as it was.' },
    RECREATED: { description: 'Made again after its deletion, but for what AWS never gives back.' },
    HALTED: { description: 'It stays as it is until somebody decides.' },
    DROPPED: { description: 'Left alone after a second look.' },
    HANDED_OVER: { description: 'A later plan goes on with it.' },
    CANCELLED: { description: 'Called off before anything was done to it.' },
  },
});

const OUTCOMES = {
  refused: 'REFUSED',
  waiting: 'WAITING',
  rehearsed: 'REHEARSED',
  quarantining: 'UNDER_WAY',
  announced: 'QUARANTINED',
  quarantined: 'QUARANTINED',
  silenced: 'QUARANTINED',
  deleting: 'UNDER_WAY',
  deleted: 'DELETED',
  returning: 'UNDER_WAY',
  restored: 'RESTORED',
  recreating: 'UNDER_WAY',
  recreated: 'RECREATED',
  halted: 'HALTED',
  dropped: 'DROPPED',
  'handed-over': 'HANDED_OVER',
  cancelled: 'CANCELLED',
} as const satisfies Record<Stage, Outcome>;

export const outcomeOf = (stage: Stage): Outcome => OUTCOMES[stage];

/** The stages that these outcomes stand for; null for none named. */
export function stagesOf(outcomes: readonly Outcome[] | null | undefined): Stage[] | null {
  return outcomes == null ? null : STAGES.filter((stage) => outcomes.includes(OUTCOMES[stage]));
}
