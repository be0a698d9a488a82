import { z } from 'zod';
import { defineTask } from '../../tasks/task-definition';

/** One account's roles are looked at again. */
export const reverifyAccount = defineTask('reverify-account', z.strictObject({ accountId: z.uuid() }));

/** All of a tenant's accounts are, over the coming day. `scheduleOnly`: from now on every day, but none now. */
export const reverifyAccounts = defineTask(
  'reverify-accounts',
  z.strictObject({ scheduleOnly: z.boolean().optional() }),
);
