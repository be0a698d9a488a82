import { z } from 'zod';
import type { EventType } from '../event-type';
import { facts, sentences } from '../phrases';
import { text } from '../said';
import { words } from '../subjects';

const by = words('Who.').nullable();
const pausedData = z.object({ by, reason: words('Why.').nullable() });
const resumedData = z.object({ by });

export const cleanupPaused: EventType<z.infer<typeof pausedData>, 'tenant'> = {
  type: 'cleanup.paused',
  what: "Somebody stopped the tenant's clean-up. Looking and giving back go on.",
  about: 'tenant',
  data: pausedData,
  example: { by: 'alice@example.com', reason: 'An outage is being looked into.' },
  facts: (_subject, said) => ({ by: text(said, 'by'), reason: text(said, 'reason') }),
  words: (of) => ({
    title: 'Clean-up is paused',
    text: sentences(of.reason, 'Nothing is put away or deleted until it goes on.'),
    facts: facts({ By: of.by }),
  }),
};

export const cleanupResumed: EventType<z.infer<typeof resumedData>, 'tenant'> = {
  type: 'cleanup.resumed',
  what: "The tenant's clean-up goes on.",
  about: 'tenant',
  data: resumedData,
  example: { by: 'alice@example.com' },
  facts: (_subject, said) => ({ by: text(said, 'by') }),
  words: (of) => ({
    title: 'Clean-up goes on',
    text: 'What has become due meanwhile is taken up now.',
    facts: facts({ By: of.by }),
  }),
};
