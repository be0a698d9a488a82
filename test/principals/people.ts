import { SIGN_IN } from '../harness/database';
import { startTestApp, type TestApp, type TestAppOptions } from '../harness/app';
import { type OwnIssuer, signingKey, signToken, startOwnIssuer, type SigningKey } from './own-issuer';

export interface World {
  readonly app: TestApp;
  readonly issuer: OwnIssuer;
  /** A token of this person, with these groups; verified e-mail `<subject>@example.com`. */
  as(subject: string, groups?: readonly string[], claims?: Record<string, unknown>): Promise<string>;
  /** Sends one operation with headers of one's own. */
  send(headers: Record<string, string>, query: string, variables?: object): Promise<Sent>;
  stop(): Promise<void>;
}

export interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Record<string, never> | null;
  readonly code: unknown;
  readonly message: string;
}

/** Groups of the tests' issuer: `platform-admins`, and `<role>s-of-<tenant>` for tenants called one and two. */
const ROLES = [
  { claim: 'groups', value: 'platform-admins', platform: 'admin' },
  ...['one', 'two'].flatMap((tenant) =>
    ['admin', 'approver', 'viewer', 'auditor'].map((role) => ({
      claim: 'groups',
      value: `${role}s-of-${tenant}`,
      tenant,
      role,
    })),
  ),
];

/** The application with an issuer that it trusts. */
export async function startWorld(
  signIn: Partial<typeof SIGN_IN> = {},
  options: Omit<TestAppOptions, 'config'> & { config?: TestAppOptions['config'] } = {},
): Promise<World> {
  const key: SigningKey = await signingKey('key');
  const issuer = await startOwnIssuer([key.publicJwk]);
  const settings = { issuer: issuer.url, audience: 'mothball', clientId: 'web', clockSkewSeconds: 0, roles: ROLES };
  const oidc = JSON.stringify({ issuers: [settings] });
  const app = await startTestApp({
    ...options,
    config: { ...options.config, signIn: { ...SIGN_IN, oidc, ...signIn } },
  });
  return {
    app,
    issuer,
    as: (subject, groups = [], claims = {}) =>
      signToken({
        key,
        issuer: issuer.url,
        subject,
        claims: { name: subject, email: `${subject}@example.com`, email_verified: true, groups, ...claims },
      }),
    send: async (headers, query, variables = {}) => {
      const response = await fetch(app.graphqlUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const { data = null, errors = [] } = (await response.json()) as {
        data?: Record<string, never>;
        errors?: { message: string; extensions?: Record<string, unknown> }[];
      };
      const [error] = errors;
      return {
        status: response.status,
        headers: response.headers,
        data,
        code: error?.extensions?.['code'] ?? null,
        message: error?.message ?? '',
      };
    },
    stop: async () => {
      await app.stop();
      await issuer.stop();
    },
  };
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
