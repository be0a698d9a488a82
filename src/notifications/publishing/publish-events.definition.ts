import { z } from 'zod';
import { defineTask } from '../../tasks/task-definition';

/** Publishes what a tenant has recorded: numbers it, and hands it to endpoints and tickets. */
export const publishEvents = defineTask('publish-events', z.strictObject({}));
