import { z } from 'zod';
import { defineTask } from '../tasks/task-definition';

export const scanAccount = defineTask('scan-account', z.strictObject({ scanId: z.uuid() }));
