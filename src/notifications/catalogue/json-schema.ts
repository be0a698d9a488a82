import { z } from 'zod';
import { encodeId } from '../../api-id';
import type { EventType } from './event-type';
import { EXAMPLE_EVENT, EXAMPLE_TENANT, exampleId } from './examples';
import type { OtherMessage } from './other-messages';
import { payloadOf, schemaOf } from './payload';

type Described = Pick<EventType, 'type' | 'what' | 'data' | 'until'>;

/** The JSON Schema (2020-12) of a type's whole payload in a version. */
export function payloadSchema(type: Described, version: number): Record<string, unknown> {
  const payload = z.object({
    id: z.string().meta({ description: 'The same in each attempt and each replay; also sent as `webhook-id`.' }),
    type: z.literal(type.type),
    version: z.literal(version).meta({ description: 'Of the payload: the one that the endpoint was made with.' }),
    timestamp: z.string().meta({ description: 'When it happened.', format: 'date-time' }),
    tenant: z.string().meta({ description: "The API's id of the tenant." }),
    link: z.string().nullable().meta({ description: 'Where to look further; null: the service does not know.' }),
    data: schemaOf(type, version),
  });
  const { $schema, ...rest } = z.toJSONSchema(payload);
  return {
    $schema,
    $id: `urn:mothball:event:v${version}:${type.type}`,
    title: type.type,
    description: type.what,
    ...rest,
  };
}

/** As an endpoint of that version gets it. */
export function examplePayload({ type, example }: EventType, version: number): unknown {
  const event = {
    ...{ tenantId: EXAMPLE_TENANT, id: EXAMPLE_EVENT, type },
    at: new Date('2026-11-22T13:05:00.000Z'),
    facts: example as object,
  };
  return JSON.parse(payloadOf(event, version, 'https://mothball.example.com').body);
}

/** The same of a message that is no event. */
export const exampleMessage = ({ type, example }: OtherMessage, version: number): unknown => ({
  data: example,
  id: `msg_${exampleId('Delivery')}`,
  link: 'https://mothball.example.com/',
  tenant: encodeId('Tenant', EXAMPLE_TENANT, EXAMPLE_TENANT),
  timestamp: '2026-11-22T13:05:00.000Z',
  type,
  version,
});
