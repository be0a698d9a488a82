import { z } from 'zod';
import type { EventType } from '../event-type';
import * as examples from '../examples';
import { facts } from '../phrases';
import { text } from '../said';
import { endpoint, words } from '../subjects';

const data = z.object({ endpoint, reason: words('Why.').nullable() });

export const endpointDisabled: EventType<z.infer<typeof data>, 'endpoint'> = {
  type: 'endpoint.disabled',
  what: 'An endpoint hears nothing any more: it said that it is gone (410), or accepted nothing for five days.',
  about: 'endpoint',
  data,
  example: {
    endpoint: { id: examples.exampleId('Endpoint'), name: 'SIEM', channel: 'webhook' },
    reason: 'Nothing was accepted for five days; the last answer was 503.',
  },
  facts: (subject, said) => ({ ...subject, reason: text(said, 'reason') ?? subject.reason }),
  words: (of) => ({
    title: `Endpoint disabled: ${of.endpoint.name}`,
    text: `${of.reason ?? 'It accepted nothing any more.'} Mend the receiver, make the endpoint active again, and replay what failed.`,
    facts: facts({ Endpoint: of.endpoint.name, Channel: of.endpoint.channel }),
  }),
};
