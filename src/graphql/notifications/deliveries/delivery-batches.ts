import { Injectable } from '@nestjs/common';
import { DeliveryQueries } from '../../../notifications/deliveries/delivery-queries';
import type { Reader } from '../../../paging';
import { groupBy } from '../../core/group-by';
import type { Batch } from '../../core/request-context';
import { Delivery, DeliveryAttempt } from './delivery.type';

@Injectable()
export class DeliveryById implements Batch<string, Delivery | null> {
  constructor(private readonly deliveries: DeliveryQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Delivery | null)[]> {
    const rows = new Map((await this.deliveries.byIds(reader, ids)).map((row) => [row.id, new Delivery(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

/** The oldest first. */
@Injectable()
export class AttemptsOfDelivery implements Batch<string, DeliveryAttempt[]> {
  constructor(private readonly deliveries: DeliveryQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<DeliveryAttempt[][]> {
    const byDelivery = groupBy(await this.deliveries.attempts(reader, ids), (row) => row.delivery_id);
    return ids.map((id) => (byDelivery.get(id) ?? []).map((row) => new DeliveryAttempt(row)));
  }
}
