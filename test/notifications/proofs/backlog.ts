import type { RunningTenant } from './running-tenant';

/**
 * Deliveries of as many events that wait for an endpoint, as if these had been published long ago: each of another
 * finding, with the facts of one that really was published.
 */
export async function addBacklog({ tenantId, world }: RunningTenant, endpointId: string, count: number): Promise<void> {
  const { rows } = world.pipeline;
  const values = [tenantId, endpointId, count, world.clock.now()];
  await rows(
    `WITH model AS (
       SELECT * FROM published_events WHERE tenant_id = $1 AND type = 'finding.opened' ORDER BY seq DESC LIMIT 1
     ), numbered AS (
       SELECT p.last_seq + n AS seq, gen_random_uuid() AS id, gen_random_uuid()::text AS object_id
       FROM publishing p, generate_series(1, $3::int) n WHERE p.tenant_id = $1
     ), published AS (
       INSERT INTO published_events (tenant_id, seq, id, type, object_type, object_id, at, published_at, account_id, check_id,
         severity, facts)
       SELECT m.tenant_id, n.seq, n.id, m.type, m.object_type, n.object_id, m.at, $4, m.account_id, m.check_id, m.severity,
         m.facts
       FROM numbered n, model m
     ), deliveries AS (
       INSERT INTO deliveries (tenant_id, id, endpoint_id, kind, event_id, seq, account_id, type, object_key, state, next_at,
         created_at)
       SELECT m.tenant_id, gen_random_uuid(), $2, 'event', n.id, n.seq, m.account_id, m.type, 'finding ' || n.object_id,
         'waiting', $4, $4
       FROM numbered n, model m
     ) UPDATE publishing SET last_seq = last_seq + $3 WHERE tenant_id = $1`,
    values,
  );
  await rows('ANALYZE deliveries');
}
