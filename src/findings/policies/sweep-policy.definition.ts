import { z } from 'zod';
import { defineTask } from '../../tasks/task-definition';

/** Scans the accounts that one policy decides about. */
export const sweepPolicy = defineTask('sweep-policy', z.strictObject({ policy: z.string() }));
