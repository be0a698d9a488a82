import { z } from 'zod';
import { badInput } from '../../errors';
import type { Terminal } from '../terminal';
import { apiAddress, type ApiOptions } from './api-address';
import { ApiClient } from './api-client';
import { operations } from './operations';

export interface ServerOptions extends ApiOptions {
  /** Name or id; for platform tokens. */
  readonly tenant?: string;
  readonly format: string;
}

/** A service, and the tenant in it that the command is about: its API id; null: the token's own. */
export interface Server {
  readonly api: ApiClient;
  readonly tenant: string | null;
}

/** @throws DomainError for wrong options, an unreachable service or a refused token. */
export async function serverOf(options: ServerOptions, terminal: Terminal): Promise<Server> {
  const api = new ApiClient(apiAddress(options, terminal.env), terminal.signal);
  return { api, tenant: options.tenant === undefined ? null : await tenantNamed(api, options.tenant) };
}

const tenantsPage = z.object({
  tenants: z.object({
    nodes: z.array(z.object({ id: z.string(), name: z.string() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});

async function tenantNamed(api: ApiClient, nameOrId: string): Promise<string> {
  for (let after: string | null = null; ;) {
    const { tenants }: z.output<typeof tenantsPage> = await api.ask(operations.tenants, { after }, tenantsPage);
    const found = tenants.nodes.find(({ id, name }) => id === nameOrId || name === nameOrId);
    if (found) return found.id;
    if (!tenants.pageInfo.hasNextPage) break;
    after = tenants.pageInfo.endCursor;
  }
  throw badInput(`--tenant: there is no tenant "${nameOrId}", or it is not yours to see.`);
}
