import { z } from 'zod';
import { defineTask } from '../../../tasks/task-definition';

export const previewPolicies = defineTask('preview-policies', z.strictObject({ previewId: z.uuid() }));
