export type Role = 'admin' | 'approver' | 'viewer' | 'auditor';

/** Who is asking, from a verified credential: never from an argument. */
export interface Principal {
  readonly tokenId: string;
  readonly name: string;
  readonly scope: 'platform' | 'tenant';
  /** The tenant that the credential belongs to; the platform's own for platform people. */
  readonly tenantId: string;
  readonly tenantName: string;
  readonly role: Role;
}
