import { z } from 'zod';
import { defineTask } from '../tasks/task-definition';

/** Ids only; the users are asked for afresh from the inventory. */
export const lookUpCredentials = defineTask(
  'look-up-credentials',
  z.strictObject({
    accountId: z.uuid(),
    keyIds: z.array(z.uuid()),
    otherCredentials: z.array(z.uuid()),
  }),
);
