import { encodeId } from '../../api-id';
import type { DeliveryRow } from './delivery';

/** What a receiver knows the message by, in every attempt and every replay: the event's id where there is one event. */
export function messageIdOf({ tenant_id, id, event_id }: Pick<DeliveryRow, 'tenant_id' | 'id' | 'event_id'>): string {
  return event_id === null
    ? `msg_${encodeId('Delivery', tenant_id, id)}`
    : `evt_${encodeId('Event', tenant_id, event_id)}`;
}
