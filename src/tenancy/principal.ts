export type Role = 'admin' | 'approver' | 'viewer' | 'auditor';

/** Who is asking, from a verified credential: never from an argument. */
export interface Principal {
  /** A person signed in (by OIDC), or a program with an API token. */
  readonly kind: 'person' | 'token';
  /** The person's or the token's id in the tenant that the credential belongs to. */
  readonly id: string;
  readonly name: string;
  readonly scope: 'platform' | 'tenant';
  /** The tenant that the credential belongs to; the platform's own for platform people. */
  readonly tenantId: string;
  readonly tenantName: string;
  readonly role: Role;
  /**
   * Who is behind the credential: a person's issuer and subject, or those of the person who made the token. Where a
   * second person must agree, two principals with the same one count as one.
   */
  readonly standsFor: string;
}
