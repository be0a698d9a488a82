import { z } from 'zod';
import { badInput } from '../errors';

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

/**
 * `idle`: every credential of the user is idle or absent. `never-signed-in-and-no-key`: as Trend Micro's IAM-029
 * audits it, the password was never used and there is no access key at all.
 */
export const unusedUserModes = ['idle', 'never-signed-in-and-no-key'] as const;

/** 400 days is as far as `RoleLastUsed` looks back, so no greater threshold could ever be proven. */
const idleDays = z.int().min(1).max(400);
const severity = z.enum(severities).optional();

const withoutThreshold = z.strictObject({ enabled: z.boolean().default(true), severity }).prefault({});
const withThreshold = z
  .strictObject({ enabled: z.boolean().default(true), idleDays: idleDays.default(90), severity })
  .prefault({});

/** Letters that AWS's own sample rule allows in `RolePatternWhitelist`: those of IAM names and paths, `|` and `*`. */
const rolePatternWhitelist = z
  .string()
  .max(1024)
  .regex(/^[-a-zA-Z0-9+=,.@_/|*]*$/, 'only letters, digits and - + = , . @ _ / * are allowed, with | between patterns')
  .superRefine((value, context) => {
    for (const pattern of splitPatterns(value)) {
      if (!canMatch(pattern)) context.addIssue({ code: 'custom', message: neverMatches(pattern) });
    }
  });

const pathPatterns = z
  .array(
    z
      .string()
      .min(1)
      .max(128)
      .regex(/^[-a-zA-Z0-9+=,.@_/*?]+$/, 'only letters, digits and - + = , . @ _ / * ? are allowed in a pattern')
      .superRefine((pattern, context) => {
        if (!canMatch(pattern)) context.addIssue({ code: 'custom', message: neverMatches(pattern) });
      }),
  )
  .max(100);

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
        .extend({ mode: z.enum(unusedUserModes).default('idle') })
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
  throw badInput(`The policy is not valid: ${parsed.error.issues.map(describe).join('; ')}.`);
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map((key) => `${[...issue.path, key].map(String).join('.')}: there is no such setting`)
      .join('; ');
  }
  return `${issue.path.map(String).join('.') || 'policy'}: ${issue.message}`;
}

export const defaultPolicy: PolicySettings = parsePolicy({});
