import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { TrustedDocuments } from '../../trusted-documents';

interface Message {
  readonly query?: string | null;
  readonly extensions?: unknown;
}

const untrusted = (): GraphQLError =>
  new GraphQLError(
    'Only queries that the operator has listed are run here. Send no query but its hash: {"extensions":{"persistedQuery":{"version":1,"sha256Hash":"…"}}}.',
    { extensions: { code: 'UNTRUSTED_DOCUMENT', http: { status: 403 } } },
  );

/** The query that a message means. Throws UNTRUSTED_DOCUMENT where only listed ones are run and this is none. */
export function queryOf({ query, extensions }: Message, trusted: TrustedDocuments | null): string {
  if (trusted === null) return query ?? '';
  const hash = hashIn(extensions);
  if (query || hash === undefined || !Object.hasOwn(trusted, hash)) throw untrusted();
  return trusted[hash] ?? '';
}

/** The same for HTTP, where the hash comes in the body or as a parameter of the address. */
export function trustedQueries(trusted: TrustedDocuments): Plugin {
  return usePersistedOperations({
    extractPersistedOperationId: ({ extensions }) => hashIn(extensions) ?? null,
    getPersistedOperation: (hash) => (Object.hasOwn(trusted, hash) ? (trusted[hash] ?? null) : null),
    customErrors: { notFound: untrusted, keyNotFound: untrusted, persistedQueryOnly: untrusted },
  });
}

function hashIn(extensions: unknown): string | undefined {
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { sha256Hash?: unknown } };
  return typeof persistedQuery?.sha256Hash === 'string' ? persistedQuery.sha256Hash : undefined;
}
