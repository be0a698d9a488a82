import { z } from 'zod';
import { defineTask } from '../../../tasks/task-definition';

/** Gives a connection's tickets that are due their turns, in the connection's lane. */
export const syncTickets = defineTask('sync-tickets', z.strictObject({ connectionId: z.uuid() }));

/** Opens a ticket to try a connection, writes to it, and closes it; in the same lane. */
export const testTicketConnection = defineTask(
  'test-ticket-connection',
  z.strictObject({ connectionId: z.uuid(), testId: z.uuid() }),
);

/** Every few minutes for each tenant that has connections: whatever is due and has no task gets one. */
export const watchTickets = defineTask('watch-tickets', z.strictObject({}));

export const ticketLane = (connectionId: string): string => `tickets:${connectionId}`;
