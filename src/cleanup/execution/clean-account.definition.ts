import { z } from 'zod';
import { defineTask } from '../../tasks/task-definition';

/** Gives an account's items that are due their turns, in the account's lane. */
export const cleanAccount = defineTask('clean-account', z.strictObject({ accountId: z.uuid() }));

/** Once an hour for each tenant: whatever is due and was not taken up for any reason is taken up. */
export const watchQuarantines = defineTask('watch-quarantines', z.strictObject({}));
