/**
 * Who a trust policy lets in: the principals of its Allow statements, as written. `NotPrincipal` lets in all but some,
 * so it counts as `*`.
 * @param document as IAM gives it, URL-encoded (RFC 3986); emulators may leave it plain.
 * @returns null when it cannot be read.
 */
export function trustedPrincipals(document: string | undefined): string[] | null {
  const policy = parsePolicy(document);
  if (!isRecord(policy)) return null;
  const found = new Set<string>();
  for (const statement of listOf(policy['Statement'])) {
    if (!isRecord(statement) || statement['Effect'] !== 'Allow') continue;
    if (statement['NotPrincipal'] !== undefined) found.add('*');
    for (const principal of principalsOf(statement['Principal'])) found.add(principal);
  }
  return [...found];
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === 'string') return [principal];
  if (!isRecord(principal)) return [];
  return Object.values(principal).flatMap((value) => listOf(value).filter((one) => typeof one === 'string'));
}

function parsePolicy(document: string | undefined): unknown {
  if (!document) return null;
  const plain = document.trimStart().startsWith('{');
  try {
    return JSON.parse(plain ? document : decodeURIComponent(document)) as unknown;
  } catch {
    return null;
  }
}

const listOf = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
