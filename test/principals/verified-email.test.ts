import { SystemClock } from '../../src/clock';
import { OidcSettings, readIssuers } from '../../src/tenancy/oidc/oidc-settings';
import { OidcVerifier } from '../../src/tenancy/oidc/oidc-verifier.service';
import { type OwnIssuer, signingKey, type SigningKey, signToken, startOwnIssuer } from './own-issuer';

let key: SigningKey;
let issuer: OwnIssuer;

beforeAll(async () => {
  key = await signingKey('key');
  issuer = await startOwnIssuer([key.publicJwk]);
});
afterAll(() => issuer.stop());

it.each([
  ['of the claim "email" by "email_verified"', {}, true],
  ['of another claim, which people may choose, by nothing', { emailClaim: 'preferred_username' }, false],
  ['of another claim by the operator’s word', { emailClaim: 'preferred_username', emailsAreVerified: true }, true],
])('an address is verified: %s', async (_what, settings, verified) => {
  const issuers = readIssuers(
    JSON.stringify({ issuers: [{ issuer: issuer.url, clientId: 'web', audience: 'mothball', ...settings }] }),
  );
  const token = await signToken({
    key,
    issuer: issuer.url,
    subject: 'mallory',
    claims: { email: 'mallory@example.com', preferred_username: 'victim@example.com', email_verified: true },
  });
  const identity = await new OidcVerifier(new OidcSettings(issuers), new SystemClock()).verify(token);
  expect(identity.emailVerified).toBe(verified);
});
