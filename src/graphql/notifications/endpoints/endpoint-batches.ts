import { Injectable } from '@nestjs/common';
import type { EndpointHealth as Health } from '../../../notifications/endpoints/endpoint';
import { EndpointQueries } from '../../../notifications/endpoints/endpoint-queries';
import type { Reader } from '../../../paging';
import type { Batch } from '../../core/request-context';
import { Endpoint } from './endpoint.type';

@Injectable()
export class EndpointById implements Batch<string, Endpoint | null> {
  constructor(private readonly endpoints: EndpointQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Endpoint | null)[]> {
    const rows = new Map((await this.endpoints.byIds(reader, ids)).map((row) => [row.id, new Endpoint(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  }
}

@Injectable()
export class HealthOfEndpoint implements Batch<string, Health | null> {
  constructor(private readonly endpoints: EndpointQueries) {}

  async load(reader: Reader, ids: readonly string[]): Promise<(Health | null)[]> {
    const found = await this.endpoints.health(reader, ids);
    return ids.map((id) => found.get(id) ?? null);
  }
}
