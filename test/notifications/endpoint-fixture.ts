import { newId } from '../../src/ids';
import { EndpointPreparation } from '../../src/notifications/endpoints/endpoint-preparation.service';
import type { EndpointRequest } from '../../src/notifications/endpoints/endpoint-request';
import { Endpoints } from '../../src/notifications/endpoints/endpoints.service';
import { Events } from '../../src/tasks/events.service';
import type { NotifiedWorld } from './proofs/notified-world';

export interface MadeEndpoint {
  readonly id: string;
  readonly path: string;
  readonly secret: string;
}

interface Delivery {
  id: string;
  kind: string;
  type: string;
  state: string;
  state_why: string | null;
  attempts: number;
  replays: number;
  event_id: string | null;
  account_id: string | null;
  next_at: Date | null;
}

interface Attempt {
  outcome: string;
  status: number | null;
  at: Date;
  answer: string | null;
  why: string | null;
}

/** One tenant of a world with accounts, events about them, and endpoints at the world's receiver. */
export class TenantOfEndpoints {
  private constructor(
    private readonly world: NotifiedWorld,
    readonly id: string,
    readonly accounts: readonly string[],
  ) {}

  static async of(world: NotifiedWorld): Promise<TenantOfEndpoints> {
    const id = await world.pipeline.createTenant();
    const accounts = [newId(), newId()];
    for (const account of accounts) await insertAccount(world, id, account);
    return new TenantOfEndpoints(world, id, accounts);
  }

  async endpoint(request: Partial<EndpointRequest> = {}): Promise<MadeEndpoint> {
    const { pipeline, receiver } = this.world;
    const path = `/${newId()}`;
    const prepared = await pipeline.get(EndpointPreparation).prepare(this.id, {
      ...{ name: `endpoint ${path}`, channel: 'webhook', perMinute: 6_000 },
      settings: { url: `${receiver.url}${path}` },
      ...request,
    });
    const { id, secret } = await pipeline.tenants.inTenant(this.id, (manager) =>
      pipeline.get(Endpoints).create(manager, this.id, prepared, { name: 'Ada' }),
    );
    return { id, path, secret: secret ?? '' };
  }

  /** Something that happened to the first account, or to another one. */
  async happens(type: 'account.lost-access' | 'account.left', account = 0): Promise<string> {
    const { get, tenants } = this.world.pipeline;
    const [recorded] = await tenants.inTenant(this.id, (manager) =>
      get(Events).record(manager, this.id, [
        { type, objectType: 'account', objectId: this.accounts[account] ?? '', data: {} },
      ]),
    );
    return recorded?.id ?? '';
  }

  deliveries(endpointId: string): Promise<Delivery[]> {
    return this.world.pipeline.rows<Delivery>('SELECT * FROM deliveries WHERE endpoint_id = $1 ORDER BY seq, id', [
      endpointId,
    ]);
  }

  async states(endpointId: string): Promise<string[]> {
    return (await this.deliveries(endpointId)).map(({ state }) => state);
  }

  attempts(endpointId: string): Promise<Attempt[]> {
    return this.world.pipeline.rows<Attempt>('SELECT * FROM delivery_attempts WHERE endpoint_id = $1 ORDER BY id', [
      endpointId,
    ]);
  }

  async row(endpointId: string): Promise<Record<string, unknown>> {
    const [row] = await this.world.pipeline.rows<Record<string, unknown>>('SELECT * FROM endpoints WHERE id = $1', [
      endpointId,
    ]);
    return row ?? {};
  }
}

let awsAccounts = 700_000_000_000;

async function insertAccount({ pipeline }: NotifiedWorld, tenantId: string, id: string): Promise<void> {
  const awsAccountId = String((awsAccounts += 1));
  await pipeline.rows(
    `INSERT INTO accounts (tenant_id, id, partition, aws_account_id, name, source, role_arn, external_id_sealed, status, ou_path, created_at)
     VALUES ($1, $2, 'aws', $3, $4, 'registered', $5, '\\x00', 'owned', '/Workloads', now())`,
    [tenantId, id, awsAccountId, `account ${awsAccountId}`, `arn:aws:iam::${awsAccountId}:role/mothball-scan`],
  );
}
