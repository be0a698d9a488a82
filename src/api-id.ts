import { badInput } from './errors';

/**
 * What the API's ids name. Each has a number that never changes once released, since ids are kept by callers; a new
 * kind gets the next one.
 */
const NUMBERS = {
  Tenant: 1,
  ApiToken: 2,
  Organization: 3,
  Account: 4,
  Scan: 5,
  Sweep: 6,
  Identity: 7,
  Finding: 8,
  Task: 9,
  TransferRequest: 10,
  Person: 11,
  Invitation: 12,
  AuditEntry: 13,
  Policy: 14,
  PolicyPreview: 15,
  Exemption: 16,
  Owner: 17,
  OwnerRule: 18,
  Plan: 19,
  PlanItem: 20,
  PlanApproval: 21,
  Execution: 22,
  Event: 23,
  Endpoint: 24,
  Delivery: 25,
  TicketConnection: 26,
  Ticket: 27,
} as const;

export type ApiIdKind = keyof typeof NUMBERS;

export interface ApiId {
  readonly kind: ApiIdKind;
  readonly tenantId: string;
  readonly id: string;
}

const VERSION = 1;
const UUID_BYTES = 16;
const LENGTH = 2 + 2 * UUID_BYTES;

const KINDS = new Map<number, ApiIdKind>((Object.keys(NUMBERS) as ApiIdKind[]).map((kind) => [NUMBERS[kind], kind]));

/** Opaque to callers: version, kind, tenant and id in 34 bytes, as base64url. */
export function encodeId(kind: ApiIdKind, tenantId: string, id: string): string {
  return Buffer.concat([Buffer.from([VERSION, NUMBERS[kind]]), bytesOf(tenantId), bytesOf(id)]).toString('base64url');
}

/** Throws BAD_INPUT naming the argument, for anything that this API has not made. */
export function readId(text: string, argument: string): ApiId {
  const bytes = Buffer.from(text, 'base64url');
  const kind = KINDS.get(bytes[1] ?? 0);
  // Compared, since decoding skips whatever is no base64url.
  if (bytes.length !== LENGTH || bytes[0] !== VERSION || kind === undefined || bytes.toString('base64url') !== text) {
    throw badInput(`${argument}: this is not an id of this API. Ids come from the field "id" of what the API answers.`);
  }
  return { kind, tenantId: uuidOf(bytes.subarray(2, 2 + UUID_BYTES)), id: uuidOf(bytes.subarray(2 + UUID_BYTES)) };
}

/** The same for one kind of thing only. Throws BAD_INPUT saying which kind is wanted. */
export function readIdOf(kind: ApiIdKind, text: string, argument: string): ApiId {
  const read = readId(text, argument);
  if (read.kind !== kind)
    throw badInput(`${argument}: this is the id of ${named(read.kind)}; ${named(kind)}'s is wanted.`);
  return read;
}

/** Ids of a list, as the database has them; undefined for none given. */
export function readIdsOf(
  kind: ApiIdKind,
  texts: readonly string[] | null | undefined,
  argument: string,
): string[] | undefined {
  return texts?.map((text, index) => readIdOf(kind, text, `${argument}[${index}]`).id);
}

const named = (kind: ApiIdKind): string => (/^[AEIO]/.test(kind) ? `an ${kind}` : `a ${kind}`);

const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

const uuidOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
