import type { EntityManager } from 'typeorm';
import type { ChannelId } from '../../channels/channel';
import type { EndpointState } from '../../endpoints/endpoint';

/** What the driver needs to know of an endpoint; secrets sealed. */
export interface SendingEndpoint {
  tenant_id: string;
  id: string;
  name: string;
  channel: ChannelId;
  state: EndpointState;
  payload_version: number;
  settings: Readonly<Record<string, unknown>>;
  secret_sealed: Buffer | null;
  previous_secret_sealed: Buffer | null;
  previous_secret_until: Date | null;
  per_minute: number;
  concurrency: number;
  failing_since: Date | null;
  failures: number;
  last_failure_at: Date | null;
  wait_until: Date | null;
  changed_at: Date;
  deleted_at: Date | null;
}

export async function sendingEndpoint(
  manager: EntityManager,
  tenantId: string,
  id: string,
): Promise<SendingEndpoint | undefined> {
  const [row] = await manager.query<SendingEndpoint[]>(
    `SELECT tenant_id, id, name, channel, state, payload_version, settings, secret_sealed, previous_secret_sealed,
       previous_secret_until, per_minute, concurrency, failing_since, failures, last_failure_at, wait_until, changed_at, deleted_at
     FROM endpoints WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return row;
}
