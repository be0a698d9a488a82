import { z } from 'zod';
import { defineTask } from '../../tasks/task-definition';

/** Makes an account's deleted users and roles again that were asked for, in the account's lane. */
export const restoreItems = defineTask('restore-items', z.strictObject({ accountId: z.uuid() }));
