import { STAGES } from '../../cleanup/items/plan-item';
import { outcomeOf, PlanItemOutcome, PlanItemStage, stagesOf } from './plan-item-words';

describe('the outcomes of items', () => {
  it('are every one of some stage, and every stage has one', () => {
    expect(new Set(STAGES.map(outcomeOf))).toEqual(new Set(Object.keys(PlanItemOutcome)));
    expect(stagesOf(Object.keys(PlanItemOutcome) as (keyof typeof PlanItemOutcome)[])).toEqual([...STAGES]);
    expect(new Set(Object.values(PlanItemStage))).toEqual(new Set(STAGES));
  });

  it('ask for no stage when none is named, and for their own when some are', () => {
    expect(stagesOf(null)).toBeNull();
    expect(stagesOf(['QUARANTINED'])).toEqual(['announced', 'quarantined', 'silenced']);
  });
});
