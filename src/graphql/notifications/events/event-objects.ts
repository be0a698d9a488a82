import type { ApiIdKind } from '../../../api-id';

/** What events are of, as they are recorded, and as what the API's ids name it. */
const KINDS: Readonly<Record<string, ApiIdKind>> = {
  account: 'Account',
  endpoint: 'Endpoint',
  exemption: 'Exemption',
  finding: 'Finding',
  identity: 'Identity',
  plan: 'Plan',
  'plan-item': 'PlanItem',
  scan: 'Scan',
  tenant: 'Tenant',
  'ticket-connection': 'TicketConnection',
};

/** Undefined: what it is has no id in this API. */
export const kindOfObject = (objectType: string): ApiIdKind | undefined => KINDS[objectType];

/** Undefined: nothing is published of such things. */
export const objectTypeOf = (kind: ApiIdKind): string | undefined =>
  Object.keys(KINDS).find((objectType) => KINDS[objectType] === kind);
