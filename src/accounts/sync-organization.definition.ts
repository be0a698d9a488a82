import { z } from 'zod';
import { defineTask } from '../tasks/task-definition';

export const syncOrganization = defineTask('sync-organization', z.strictObject({ organizationId: z.uuid() }));
