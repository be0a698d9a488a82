import { z } from 'zod';
import type { EventType } from '../event-type';
import * as examples from '../examples';
import { facts } from '../phrases';
import { text } from '../said';
import { connection, words } from '../subjects';

const data = z.object({ connection, reason: words('Why.').nullable() });

export const ticketConnectionDisabled: EventType<z.infer<typeof data>, 'connection'> = {
  type: 'ticket-connection.disabled',
  what: 'A ticketing system refused us, or its settings no longer hold: no ticket is opened, changed or closed until people mend it.',
  about: 'connection',
  data,
  example: {
    connection: { id: examples.exampleId('TicketConnection'), name: 'Security board', system: 'jira' },
    reason: 'Jira answered 401: the token is no longer valid.',
  },
  facts: (subject, said) => ({ ...subject, reason: text(said, 'why') ?? subject.reason }),
  words: (of) => ({
    title: `Tickets have stopped: ${of.connection.name}`,
    text: `${of.reason ?? 'The system refused us.'} Mend it, prove it by a test ticket, and switch the connection on again.`,
    facts: facts({ Connection: of.connection.name, System: of.connection.system }),
  }),
};
