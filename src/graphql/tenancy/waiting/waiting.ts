import type { Sql } from 'sql-template-tag';
import type { Reader } from '../../../paging';
import type { Principal } from '../../../tenancy/principal';
import type { Operation } from '../../core/permissions';

/** A kind of thing that waits until somebody decides or mends it. */
export interface Waiting {
  /** As the API says it: in capitals, never changed once released. */
  readonly kind: string;
  /** For people: what is to be done. */
  readonly what: string;
  /** It waits for those who may do this. */
  readonly for: Operation;
  /** Whether it waits for a tenant's people, for the platform's, or for each in what is their own. */
  readonly scope: 'tenant' | 'platform' | 'both';
  /**
   * `SELECT count(*)::integer …`: how many wait in the reader's tenant, with the explicit filter. Where a second person is
   * needed, what this principal has proposed itself is left out (`standsFor`).
   */
  count(reader: Reader, principal: Principal): Sql;
}
