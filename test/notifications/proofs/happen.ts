import { Replays } from '../../../src/notifications/deliveries/replays.service';
import { Endpoints } from '../../../src/notifications/endpoints/endpoints.service';
import { DomainError } from '../../../src/errors';
import { ACCOUNT_EVENTS, FINDING_EVENTS, type Happening } from './random-tenant';
import type { RunningEndpoint, RunningTenant } from './running-tenant';
import type { Subject } from './subjects';

const HOUR_MS = 3_600_000;

type ToEndpoint = Exclude<Happening, { kind: 'events' | 'rivals' }>;

/** Lets it happen. What is refused does not. */
export async function happen(tenant: RunningTenant, happening: Happening): Promise<void> {
  if (happening.kind === 'events') return tenant.record(happening.events.map((one) => eventOf(tenant, one)));
  if (happening.kind === 'rivals') {
    await Promise.all(happening.events.map((one) => tenant.record([eventOf(tenant, one)])));
    return;
  }
  const endpoint = tenant.endpoints[happening.who % tenant.endpoints.length];
  if (endpoint === undefined) return;
  try {
    await toEndpoint(tenant, endpoint, happening);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
}

function eventOf(
  { subjects }: RunningTenant,
  { who, type }: { who: number; type: number },
): { subject: Subject; type: string } {
  const subject = subjects.all[who % subjects.all.length];
  if (subject === undefined) throw new Error('There is nothing that events could be about.');
  const types = subject.type === 'finding' ? FINDING_EVENTS : ACCOUNT_EVENTS;
  return { subject, type: types[type % types.length] ?? types[0] };
}

async function toEndpoint(tenant: RunningTenant, endpoint: RunningEndpoint, happening: ToEndpoint): Promise<void> {
  const { tenantId, world } = tenant;
  const { get, tenants } = world.pipeline;
  const now = world.clock.now().getTime();
  switch (happening.kind) {
    case 'pause':
      await tenants.inTenant(tenantId, (manager) => get(Endpoints).pause(manager, tenantId, endpoint.id));
      endpoint.isPaused = true;
      return;
    case 'resume':
      return resume(tenant, endpoint);
    case 'rotate': {
      const { secret } = await tenants.inTenant(tenantId, (manager) =>
        get(Endpoints).rotateSecret(manager, tenantId, endpoint.id, null),
      );
      // A receiver that has not taken up the last one yet does so now, at the latest.
      endpoint.secret = endpoint.next?.secret ?? endpoint.secret;
      endpoint.next = { secret: secret ?? '', from: now + happening.switchesAfterHours * HOUR_MS };
      return;
    }
    case 'replay-failed':
    case 'replay-all':
      await tenants.inTenant(tenantId, (manager) =>
        get(Replays).many(manager, tenantId, {
          endpointId: endpoint.id,
          ...(happening.kind === 'replay-failed' ? { onlyFailed: true } : { from: new Date(0) }),
        }),
      );
      endpoint.replayedAt.push(now);
      return;
    case 'replay-one':
      return replayOne(tenant, endpoint, happening.which);
  }
}

/** Again active, whether people had stopped it or it had failed for too long. */
export async function resume({ tenantId, world }: RunningTenant, endpoint: RunningEndpoint): Promise<void> {
  const { get, tenants } = world.pipeline;
  endpoint.isPaused = false;
  endpoint.sinceGone = null;
  await tenants.inTenant(tenantId, (manager) => get(Endpoints).resume(manager, tenantId, endpoint.id));
}

async function replayOne({ tenantId, world }: RunningTenant, endpoint: RunningEndpoint, which: number): Promise<void> {
  const { get, tenants, rows } = world.pipeline;
  const deliveries = await rows<{ id: string }>('SELECT id FROM deliveries WHERE endpoint_id = $1 ORDER BY id', [
    endpoint.id,
  ]);
  const chosen = deliveries[which % Math.max(1, deliveries.length)];
  if (chosen === undefined) return;
  await tenants.inTenant(tenantId, (manager) => get(Replays).one(manager, tenantId, chosen.id));
  endpoint.replayedAt.push(world.clock.now().getTime());
  endpoint.byHand.add(chosen.id);
}
