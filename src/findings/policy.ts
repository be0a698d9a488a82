import { z } from 'zod';
import { badInput } from '../errors';
import { pathText, problemsOf } from './policies/documents/problems';

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

/**
 * `idle`: every credential of the user is idle or absent. `never-signed-in-and-no-key`: as Trend Micro's IAM-029
 * audits it, the password was never used and there is no access key at all.
 */
export const unusedUserModes = ['idle', 'never-signed-in-and-no-key'] as const;

const ofDays = 'must be a whole number of days from 1 to 400';

/** The fields of policies, without their defaults: `policies/` builds documents from the same ones. */
export const fields = {
  enabled: z.boolean('must be true or false').describe('Whether the check runs.'),
  /** 400 days is as far as `RoleLastUsed` looks back, so no greater threshold could ever be proven. */
  idleDays: z
    .int(ofDays)
    .min(1, ofDays)
    .max(400, ofDays)
    .describe('From so many days on it is a finding, 1 to 400; AWS’s own records reach no further back.'),
  severity: z.enum(severities).describe('The severity of its findings, in place of the check’s own.'),
  mode: z
    .enum(unusedUserModes)
    .describe(
      'idle: every credential of the user is idle or absent. never-signed-in-and-no-key: the password was never used and there is no access key at all (IAM-029).',
    ),
};

const severity = fields.severity.optional();
const withoutThreshold = z.strictObject({ enabled: fields.enabled.default(true), severity }).prefault({});
const withThreshold = z
  .strictObject({ enabled: fields.enabled.default(true), idleDays: fields.idleDays.default(90), severity })
  .prefault({});

/** Letters that AWS's own sample rule allows in `RolePatternWhitelist`: those of IAM names and paths, `|` and `*`. */
export const rolePatternWhitelist = z
  .string('must be text')
  .max(1024, 'must have at most 1,024 characters')
  .regex(/^[-a-zA-Z0-9+=,.@_/|*]*$/, 'only letters, digits and - + = , . @ _ / * are allowed, with | between patterns')
  .superRefine((value, context) => {
    for (const pattern of splitPatterns(value)) {
      if (!canMatch(pattern)) context.addIssue({ code: 'custom', message: neverMatches(pattern) });
    }
  })
  // For the JSON Schema, which cannot hold the refinement above: each piece begins with "/" or "*".
  .meta({
    pattern: String.raw`^(?:[/*][-a-zA-Z0-9+=,.@_/*]*)?(?:\|(?:[/*][-a-zA-Z0-9+=,.@_/*]*)?)*$`,
    description:
      'Roles that are spared, as AWS’s own Config rule takes its RolePatternWhitelist: "|" between patterns, "*" for any text, matched against path and name.',
    examples: ['/breakglass-role|/security-*'],
  });

export const pathPatterns = z
  .array(
    z
      .string('must be text')
      .min(1, 'must not be empty')
      .max(128, 'must have at most 128 characters')
      .regex(/^[-a-zA-Z0-9+=,.@_/*?]+$/, 'only letters, digits and - + = , . @ _ / * ? are allowed in a pattern')
      .superRefine((pattern, context) => {
        if (!canMatch(pattern)) context.addIssue({ code: 'custom', message: neverMatches(pattern) });
      })
      .meta({ pattern: '^[/*?][-a-zA-Z0-9+=,.@_/*?]*$', examples: ['/ci/*', '*/jenkins'] }),
    'must be a list of patterns',
  )
  .max(100, 'must have at most 100 patterns');

/** Matched against path + name, which always starts with `/`: a pattern that cannot would silently do nothing. */
const canMatch = (pattern: string): boolean => /^[/*?]/.test(pattern);
const neverMatches = (pattern: string): string =>
  `"${pattern}" can never match, since path and name start with "/": write "/${pattern}" or "*/${pattern}"`;

/** The patterns of a `RolePatternWhitelist`; an empty piece (`a||b`) matches nothing in AWS's rule either. */
export const splitPatterns = (whitelist: string): string[] => whitelist.split('|').filter((pattern) => pattern !== '');

export const policySchema = z.strictObject({
  checks: z
    .strictObject({
      'unused-access-key': withThreshold,
      'unused-password': withThreshold,
      'unused-user': withThreshold
        .unwrap()
        .extend({ mode: fields.mode.default('idle') })
        .prefault({}),
      'unused-role': withThreshold,
      'access-key-not-rotated': withThreshold,
      'second-active-key': withoutThreshold,
      'inactive-access-key': withThreshold,
      'root-access-key': withoutThreshold,
    })
    .prefault({}),
  /** AWS's sample rule's parameter, pasted as it is: `|` between patterns, fnmatch meaning on path + name. */
  rolePatternWhitelist: rolePatternWhitelist.default(''),
  /** Patterns (`*` any text, also across `/`; `?` one character) on path + name. A user's covers its keys and password. */
  exclusions: z
    .strictObject({
      users: pathPatterns.default([]),
      roles: pathPatterns.default(['*/OrganizationAccountAccessRole']),
    })
    .prefault({}),
});

/** What a tenant decides: thresholds in whole days (1–400), which checks run, what is spared. */
export type PolicySettings = z.output<typeof policySchema>;
export type CheckId = keyof PolicySettings['checks'];

/**
 * Reads settings that people wrote; what is left out has its default. Throws `BAD_INPUT` naming every bad field at
 * once; an unknown name is an error, since a setting under a wrong name would silently do nothing.
 */
export function parsePolicy(input: unknown): PolicySettings {
  const parsed = policySchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = problemsOf(policySchema, parsed.error);
  throw badInput(
    `The policy is not valid: ${problems.map(({ path, message }) => `${pathText(path, 'policy')}: ${message}`).join('; ')}.`,
  );
}

export const defaultPolicy: PolicySettings = parsePolicy({});
