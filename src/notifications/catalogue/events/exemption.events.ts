import { z } from 'zod';
import type { EventType } from '../event-type';
import * as examples from '../examples';
import { facts, moment } from '../phrases';
import { exemption, owner } from '../subjects';

const data = z.object({ exemption, owner });

type Event = EventType<z.infer<typeof data>, 'exemption'>;

const EXAMPLE = {
  exemption: {
    id: examples.exampleId('Exemption'),
    spares: 'path and name /audit/*; checks unused-role',
    reason: 'Needed for the yearly audit.',
    endsAt: '2026-12-06T00:00:00.000Z',
  },
  owner: 'team-audit',
};

const eventOf = (type: string, what: string, title: string): Event => ({
  type,
  what,
  about: 'exemption',
  data,
  example: EXAMPLE,
  facts: (subject) => subject,
  words: (of) => ({
    title: `${title}: ${of.exemption.spares}`,
    text: of.exemption.reason,
    facts: facts({ Spares: of.exemption.spares, Ends: moment(of.exemption.endsAt), Owner: of.owner }),
  }),
});

export const exemptionProposed = eventOf(
  'exemption.proposed',
  'An exemption was asked for; a second person must agree.',
  'Exemption asked for',
);

export const exemptionMade = eventOf('exemption.made', 'An exemption is in force from now on.', 'Exemption made');

export const exemptionAgreed = eventOf(
  'exemption.agreed',
  'A second person agreed to an exemption: it is in force from now on.',
  'Exemption agreed to',
);

export const exemptionRefused = eventOf(
  'exemption.refused',
  'A second person refused an exemption.',
  'Exemption refused',
);

export const exemptionExtended = eventOf(
  'exemption.extended',
  'An exemption ends later than it did.',
  'Exemption extended',
);

export const exemptionExtensionProposed = eventOf(
  'exemption.extension-proposed',
  'A later end of an exemption was asked for; a second person must agree.',
  'Longer exemption asked for',
);

export const exemptionExtensionRefused = eventOf(
  'exemption.extension-refused',
  'A second person refused a later end of an exemption.',
  'Longer exemption refused',
);

export const exemptionEnding = eventOf(
  'exemption.ending',
  'An exemption ends soon; told 14 and 3 days before. What it spares is judged again then.',
  'Exemption ends soon',
);

export const exemptionEnded = eventOf(
  'exemption.ended',
  'An exemption is over: its time ran out, or somebody ended it.',
  'Exemption ended',
);
