import { parse } from 'yaml';
import { z } from 'zod';
import type { Config } from '../../config';
import { DomainError } from '../../errors';

/** Signatures that only the issuer can make: with a shared secret, whoever can check a token could write one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

const text = z.string().min(1).max(500);
const role = z.enum(['admin', 'approver', 'viewer', 'auditor']);

const rule = z
  .strictObject({
    /** Its name, or the way to it: "realm_access.roles". */
    claim: text,
    /** One of the claim's values; `*` stands for any characters. */
    value: z.union([text, z.number().transform(String), z.boolean().transform(String)]),
    platform: z.enum(['admin', 'viewer']).optional(),
    tenant: text.optional(),
    role: role.optional(),
  })
  .superRefine(({ platform, tenant, role: given }, context) => {
    const platformOnly = platform !== undefined && tenant === undefined && given === undefined;
    const tenantOnly = platform === undefined && tenant !== undefined && given !== undefined;
    if (!platformOnly && !tenantOnly) {
      context.addIssue('say either "platform" (admin or viewer), or "tenant" (its name) and "role"');
    }
  });

const issuer = z.strictObject({
  /** As in its discovery document, to the letter. */
  issuer: z.url({ protocol: /^https?$/ }).refine(isSafe, 'must begin with https:// (http:// on loopback only)'),
  /** On the button. */
  label: text.optional(),
  /** Who the tokens of API callers must be for; default: `clientId`. */
  audience: z.union([text, z.array(text).min(1)]).optional(),
  /** Which clients' tokens are taken, by "azp"; default: any that has one for `audience`. */
  authorizedParties: z.array(text).min(1).optional(),
  clientId: text,
  clientSecret: text.optional(),
  scopes: text.default('openid profile email'),
  /** For example "select_account" or "login": what the issuer asks each time. */
  prompt: text.optional(),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256', 'EdDSA']),
  clockSkewSeconds: z.number().int().min(0).max(300).default(30),
  /** However late its "exp" is, a token is refused at this age. */
  maxAgeHours: z.number().int().min(1).max(168).default(24),
  /** How soon an unknown key id may make us look for new keys again. */
  keyCooldownSeconds: z.number().int().min(1).max(600).default(30),
  nameClaim: text.default('name'),
  emailClaim: text.default('email'),
  /** For issuers that give no "email_verified" and do not let people choose their address freely. */
  emailsAreVerified: z.boolean().default(false),
  roles: z.array(rule).max(1_000).default([]),
});

const document = z.strictObject({ issuers: z.array(issuer).max(50) }).superRefine(({ issuers }, context) => {
  for (const [index, one] of issuers.entries()) {
    if (issuers.findIndex((other) => other.issuer === one.issuer) !== index) {
      context.addIssue({ code: 'custom', path: ['issuers', index, 'issuer'], message: 'is listed already' });
    }
  }
});

export type IssuerSettings = z.infer<typeof issuer>;
export type RoleRule = z.infer<typeof rule>;

/** Whom we trust to say who somebody is. */
export class OidcSettings {
  constructor(readonly issuers: readonly IssuerSettings[]) {}

  static of({ signIn }: Config): OidcSettings {
    return new OidcSettings(signIn.oidc === null ? [] : readIssuers(signIn.oidc));
  }
}

/** Throws CONFIG_INVALID naming every field that is wrong. */
export function readIssuers(content: string): readonly IssuerSettings[] {
  const read = document.safeParse(parsed(content));
  if (read.success) return read.data.issuers;
  const problems = read.error.issues.flatMap(describe);
  throw new DomainError('CONFIG_INVALID', `MOTHBALL_OIDC: the issuers have errors:\n  ${problems.join('\n  ')}`);
}

function parsed(content: string): unknown {
  try {
    return parse(content, { maxAliasCount: 0 });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new DomainError('CONFIG_INVALID', `MOTHBALL_OIDC: this is neither YAML nor JSON: ${reason}`);
  }
}

function describe(problem: z.core.$ZodIssue): string[] {
  const at = problem.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const place = at.replace(/^\./, '');
  if (problem.code === 'unrecognized_keys') {
    return problem.keys.map((key) => `${[place, key].filter(Boolean).join('.')}: there is no such field`);
  }
  return [`${place || 'the document'}: ${problem.message}`];
}

/** Whatever comes from there decides who somebody is, so nobody on the way may change it. */
export function isSafe(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}
