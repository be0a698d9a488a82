import { z } from 'zod';
import { severities } from '../../findings/policy';

/** The parts of which events' data are made. Whatever names a thing is the API's id. */

export const id = (of: string) => z.string().meta({ description: `The API's id of ${of}.` });

export const time = (what: string) => z.string().meta({ description: what, format: 'date-time' });

export const words = (what: string) => z.string().meta({ description: what });

export const whole = (what: string) => z.number().int().nonnegative().meta({ description: what });

export const account = z
  .object({
    id: id('the account'),
    awsAccountId: words('Its twelve digits.'),
    name: words('Its name.'),
    organizationalUnit: words('The path of its OU; null: not known.').nullable(),
  })
  .meta({ description: 'The AWS account.' });

export const identity = z
  .object({
    id: id('the identity'),
    kind: z.enum(['user', 'role', 'password', 'access-key']).meta({ description: 'What it is.' }),
    name: words('The name of the user or role; of a key `user/access-key-1`, or its id.'),
    arn: words('The ARN of the user or role.'),
    uniqueId: words("The unique id in AWS of the user or role, or the access key's id where it is known."),
  })
  .meta({ description: 'The user, role, password or access key.' });

export const owner = words('Whose it is; null: nobody is known.').nullable();

export const severity = z.enum(severities).meta({ description: 'How bad it is, as the policy says.' });

export const finding = z
  .object({
    id: id('the finding'),
    check: words('The check, as `docs/checks.md` lists them.'),
    severity,
    why: words('Why, as a sentence with the dates.'),
    idleDays: whole('Whole days without use, when the account was last read; null: not known.').nullable(),
    firstSeenAt: time('When it was first seen.'),
  })
  .meta({ description: 'The finding.' });

export const scan = z
  .object({
    id: id('the scan'),
    finishedAt: time('When it ended.'),
    identities: whole('How many users, roles, passwords and keys it saw.'),
  })
  .meta({ description: 'The scan.' });

export const exemption = z
  .object({
    id: id('the exemption'),
    spares: words('What it spares.'),
    reason: words('Why.'),
    endsAt: time('When it ends.'),
  })
  .meta({ description: 'The exemption.' });

export const plan = z
  .object({
    id: id('the plan'),
    title: words('Its title.'),
    goal: z.enum(['quarantine', 'deletion']).meta({ description: 'How far it goes.' }),
    dryRun: z.boolean().meta({ description: 'Whether it changes nothing.' }),
    mode: z
      .enum(['by-hand', 'propose', 'automatic-quarantine', 'automatic-deletion'])
      .meta({ description: 'Whether people made it, or which mode of a policy.' }),
  })
  .meta({ description: 'The plan.' });

export const item = z
  .object({
    id: id('the item'),
    checks: z.array(z.string()).meta({ description: 'The checks whose findings it mends.' }),
  })
  .meta({ description: "The plan's item." });

export const endpoint = z
  .object({ id: id('the endpoint'), name: words('Its name.'), channel: words('webhook, email, slack or sns.') })
  .meta({ description: 'The endpoint.' });

export const connection = z
  .object({
    id: id('the connection'),
    name: words('Its name.'),
    system: words('jira, servicenow, github, pagerduty or template.'),
  })
  .meta({ description: 'The connection to a ticketing system.' });

type Account = z.infer<typeof account>;

/** What is read of an event's object when it is published. */
export interface Subjects {
  readonly finding: {
    readonly finding: z.infer<typeof finding>;
    readonly identity: z.infer<typeof identity>;
    readonly account: Account;
    readonly owner: string | null;
    readonly resolution: string | null;
    readonly exemptReason: string | null;
    readonly exemptionId: string | null;
  };
  readonly scan: { readonly scan: z.infer<typeof scan>; readonly account: Account; readonly remedy: string | null };
  readonly account: { readonly account: Account };
  readonly plan: {
    readonly plan: z.infer<typeof plan>;
    readonly items: number;
    readonly refused: number;
    readonly accounts: number;
    readonly approvalsMissing: number;
    readonly remedy: string | null;
    readonly lapsesAt: string | null;
  };
  readonly item: {
    readonly item: z.infer<typeof item>;
    readonly plan: z.infer<typeof plan>;
    readonly identity: z.infer<typeof identity>;
    readonly account: Account;
    readonly owner: string | null;
    readonly remedy: string | null;
    readonly deletionDueAt: string | null;
  };
  readonly exemption: { readonly exemption: z.infer<typeof exemption>; readonly owner: string | null };
  readonly endpoint: { readonly endpoint: z.infer<typeof endpoint>; readonly reason: string | null };
  readonly connection: { readonly connection: z.infer<typeof connection>; readonly reason: string | null };
  /** Nothing is read: all is said. */
  readonly tenant: object;
}

export type SubjectKind = keyof Subjects;
