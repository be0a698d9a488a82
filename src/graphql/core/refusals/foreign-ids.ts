import { readId } from '../../../api-id';

/** As this API writes its ids, wherever they stand. */
const ID = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{46}(?![A-Za-z0-9_-])/g;

/** The tenants whose ids a request carries, in its text or its variables, besides `own`. */
export function foreignTenants(query: string, variables: unknown, own: string): string[] {
  const tenants = [query, JSON.stringify(variables ?? null)]
    .flatMap((text) => text.match(ID) ?? [])
    .flatMap((text) => tenantOf(text) ?? []);
  return [...new Set(tenants)].filter((tenant) => tenant !== own);
}

function tenantOf(text: string): string | undefined {
  try {
    return readId(text, 'id').tenantId;
  } catch {
    return undefined;
  }
}
