import { z } from 'zod';
import { defineTask } from '../../tasks/task-definition';

/** Sends what is due for one endpoint, in its lane. */
export const deliver = defineTask('deliver', z.strictObject({ endpointId: z.uuid() }));

/** Each hour for each tenant that has endpoints: whatever is due has its driver, and what is over is forgotten. */
export const watchDeliveries = defineTask('watch-deliveries', z.strictObject({}));

/** By e-mail, where there is a mail server: an endpoint was disabled. */
export const tellOfDisabled = defineTask('tell-of-disabled', z.strictObject({ endpointId: z.uuid() }));
