import { z } from 'zod';

const list = <T extends z.ZodType>(item: T, what: string): z.ZodArray<T> =>
  z
    .array(item, `must be a list of ${what}`)
    .min(1, `the list is empty: leave it out to mean "any", or name ${what}`)
    .max(1000, `must name at most 1,000 ${what}`);

const quoted = 'must be text: put it in quotes';
const text = z.string(quoted).max(256, 'must have at most 256 characters');

const accounts = list(
  text
    .min(1, 'must not be empty')
    .regex(/^(?!\d+$).|^\d{12}$/u, 'an account id has 12 digits; keep leading zeros by writing it in quotes')
    .meta({ examples: ['123456789012', 'sandbox-*'] }),
  'accounts',
).describe('AWS account ids (12 digits, in quotes), or patterns on the account’s name.');

const organizationalUnits = list(
  z
    .string(quoted)
    .max(1024, 'must have at most 1,024 characters')
    .regex(/^\//, 'must begin with "/", for example /Workloads/Prod')
    .meta({ examples: ['/Workloads/Prod'] }),
  'organizational units',
).describe('Organizational units by their path; those below are in it, too. "/" is the whole organization.');

const tags = (whose: string): z.ZodOptional<z.ZodType<Record<string, string[]>, Record<string, string[]>>> =>
  z
    .record(
      z.string().min(1, 'must not be empty').max(128, 'must have at most 128 characters'),
      list(text, 'values'),
      'must be tag keys with a list of values each',
    )
    .refine((value) => Object.keys(value).length > 0, 'is empty: leave it out to mean "any", or name a tag')
    .meta({
      minProperties: 1,
      description: `Tags of the ${whose}: for each key a list of patterns, one of which the value must match; ["*"] is any value. All keys must be there.`,
      examples: [{ team: ['payments', 'billing-*'] }],
    })
    .optional();

/** A path begins and ends with "/": a pattern that cannot would silently match nothing. */
const paths = list(
  z
    .string(quoted)
    .max(512, 'must have at most 512 characters')
    .regex(/^[/*?]/, 'can never match, since a path begins with "/"')
    .regex(/[/*?]$/, 'can never match, since a path ends with "/": write /team-a/ or /team-a/*')
    .regex(/^[-a-zA-Z0-9+=,.@_/*?]*$/, 'only letters, digits and - + = , . @ _ / * ? are allowed in a pattern')
    .meta({ examples: ['/team-a/*'] }),
  'paths',
).describe('Patterns on the path of the user or role, which begins and ends with "/".');

const names = list(
  z
    .string(quoted)
    .min(1, 'must not be empty')
    .max(128, 'must have at most 128 characters')
    .regex(
      /^[-a-zA-Z0-9+=,.@_*?]*$/,
      'only letters, digits and - + = , . @ _ * ? are allowed in the pattern of a name; patterns with "/" belong in paths',
    )
    .meta({ examples: ['ci-*'] }),
  'names',
).describe('Patterns on the name of the user or role.');

/** As people write it. */
export const scopeSchema = z
  .strictObject(
    {
      accounts: accounts.optional(),
      organizationalUnits: organizationalUnits.optional(),
      accountTags: tags('account'),
      identityTags: tags('user or role'),
      paths: paths.optional(),
      names: names.optional(),
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'must hold fields such as accounts or names' : undefined) },
  )
  .describe(
    'Whom the policy is for: all that is given must match; what is left out is not asked. A credential goes with its user. Patterns: "*" any text, "?" one character; case counts.',
  );

/** Ready to judge with: an empty list or record is not asked. */
export interface PolicyScope {
  /** 12-digit ids, or patterns on the account's name. */
  readonly accounts: readonly string[];
  /** Paths; what is below is in it. */
  readonly organizationalUnits: readonly string[];
  /** Key → patterns on the value; every key must match. */
  readonly accountTags: Readonly<Record<string, readonly string[]>>;
  readonly identityTags: Readonly<Record<string, readonly string[]>>;
  readonly paths: readonly string[];
  readonly names: readonly string[];
}

export const resolveScope = (written: z.output<typeof scopeSchema> | undefined): PolicyScope => ({
  accounts: written?.accounts ?? [],
  organizationalUnits: written?.organizationalUnits ?? [],
  accountTags: written?.accountTags ?? {},
  identityTags: written?.identityTags ?? {},
  paths: written?.paths ?? [],
  names: written?.names ?? [],
});

/** Everything a tenant has. */
export const EVERYTHING: PolicyScope = resolveScope(undefined);
