import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DomainError } from './errors';

/** Queries by their SHA-256 hash in hexadecimal. */
export type TrustedDocuments = Readonly<Record<string, string>>;

const schema = z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string().min(1));

/**
 * Reads MOTHBALL_TRUSTED_DOCUMENTS; null where it is not set. Throws CONFIG_INVALID, also where a query is not what its
 * hash says.
 */
export function readTrustedDocuments(file: string | undefined): TrustedDocuments | null {
  if (file === undefined) return null;
  const refused = (why: string) => new DomainError('CONFIG_INVALID', `MOTHBALL_TRUSTED_DOCUMENTS: ${why}`);
  let documents: z.infer<typeof schema>;
  try {
    documents = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw refused('must be the path of a JSON file {"<SHA-256 of the query, in hex>": "<query>", …}.');
  }
  for (const [hash, query] of Object.entries(documents)) {
    if (createHash('sha256').update(query).digest('hex') !== hash)
      throw refused(`${hash} is not the hash of its query.`);
  }
  return Object.freeze(documents);
}
