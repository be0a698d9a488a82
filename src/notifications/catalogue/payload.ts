import type { z } from 'zod';
import { encodeId } from '../../api-id';
import { sortedJson } from '../../tenancy/audit-log/canonical-json';
import type { MessageWords } from '../channels/message';
import type { PublishedEvent } from '../publishing/published-event';
import type { EventType } from './event-type';
import { findEventType } from './index';

/** A payload is smaller than this. */
export const LARGEST_PAYLOAD = 20_000;

export interface Payload {
  /** Canonical JSON, under 20 kB; the same event in the same version is the same text. */
  readonly body: string;
  readonly words: MessageWords;
}

type Said = Pick<PublishedEvent, 'tenantId' | 'id' | 'type' | 'at' | 'facts'>;

/**
 * What is said of a published event in a version of the payload. Pure. Throws for a type that the catalogue does not
 * have, and for facts that do not hold what the version says.
 */
export function payloadOf(event: Said, version: number, publicUrl: string | null): Payload {
  const type = findEventType(event.type);
  if (!type) throw new Error(`The catalogue has no event ${event.type}.`);
  const link = linkTo(publicUrl);
  const body = sortedJson({
    type: event.type,
    timestamp: event.at.toISOString(),
    data: schemaOf(type, version).parse(event.facts),
    id: messageIdOf(event),
    version,
    tenant: encodeId('Tenant', event.tenantId, event.tenantId),
    link,
  });
  return { body, words: { ...type.words(type.data.parse(event.facts)), link } };
}

/** The same in each attempt and each replay, to whichever endpoint. */
export const messageIdOf = ({ tenantId, id }: Pick<PublishedEvent, 'tenantId' | 'id'>): string =>
  `evt_${encodeId('Event', tenantId, id)}`;

/** What a version of the payload says of such an event. */
export function schemaOf({ data, until = {} }: Pick<EventType, 'data' | 'until'>, version: number): z.ZodType {
  const older = Object.keys(until)
    .map(Number)
    .filter((last) => last >= version)
    .sort((a, b) => a - b)[0];
  return (older === undefined ? undefined : until[older]) ?? data;
}

/** The service's own page; there is none for each thing. Null: it does not know where people reach it. */
export const linkTo = (publicUrl: string | null): string | null => (publicUrl === null ? null : `${publicUrl}/`);
