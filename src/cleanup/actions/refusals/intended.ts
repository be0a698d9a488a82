import type { ActionContext } from '../../action';
import type { IntendedStep, StepAction } from '../../steps';

type Intended = Pick<ActionContext, 'intended'>;
type Parameters = Readonly<Record<string, string>>;

/** Whether we may have done it: written down to be sent, with these parameters, and AWS did not say no. */
export const mayHaveDone = ({ intended }: Intended, action: StepAction, parameters: Parameters): boolean =>
  intended.some((step) => is(step, action, parameters) && mayBeDone(step));

/** Whether anything of it may have been changed by us. */
export const mayBeTouched = ({ intended }: Intended): boolean => intended.some(mayBeDone);

/** Whether we have done it for certain. */
export const hasDone = ({ intended }: Intended, action: StepAction, parameters: Parameters): boolean =>
  intended.some((step) => is(step, action, parameters) && isDone(step));

/** Answered, or shown by a fresh read. */
export const isDone = ({ outcome }: Pick<IntendedStep, 'outcome'>): boolean =>
  outcome === 'done' || outcome === 'already';

const mayBeDone = ({ outcome }: IntendedStep): boolean => outcome !== 'refused' && outcome !== 'failed';

const is = (step: IntendedStep, action: StepAction, parameters: Parameters): boolean =>
  step.action === action && Object.entries(parameters).every(([name, value]) => step.request[name] === value);
