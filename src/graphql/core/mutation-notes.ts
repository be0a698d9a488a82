import type { AuditNote } from '../../tenancy/audit-log.service';
import type { Change, Outcome } from './acting';
import { readId } from '../../api-id';

/** Names of arguments whose values are never kept, wherever they stand. */
const SECRET =
  /^idempotencyKey$|secret|password|(token|code)$|private_?key|credential|authorization|signature|externalId/i;

/** What a mutation leaves in the audit log where no service says more: its name, its arguments and what came of it. */
export function noteOf({ operation, args }: Change, outcome: Outcome): AuditNote {
  const given = Object.fromEntries(Object.entries(args).filter(([name]) => name !== 'idempotencyKey'));
  const after = { arguments: withoutSecrets(given), outcome: withoutSecrets(outcome) };
  return { action: operation, object: objectOf('id' in args ? args.id : undefined), after };
}

function objectOf(id: unknown): AuditNote['object'] {
  if (typeof id !== 'string') return null;
  try {
    const read = readId(id, 'id');
    return { type: kebab(read.kind), id: read.id };
  } catch {
    // An `id` of another kind stands among the arguments.
    return null;
  }
}

function withoutSecrets(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET.test(name) ? '[hidden]' : withoutSecrets(inner)]),
  );
}

const kebab = (name: string): string => name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
