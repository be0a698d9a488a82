import { z } from 'zod';
import { defineTask } from '../../tasks/task-definition';

/** `at`: the moment that it is for, by which the clock must have come that far. */
export const watchPlan = defineTask('watch-plan', z.strictObject({ planId: z.uuid(), at: z.iso.datetime() }));
