import { z } from 'zod';
import { nextTime } from '../../../tasks/schedules.service';
import {
  type CheckId,
  fields,
  parsePolicy,
  pathPatterns,
  type PolicySettings,
  rolePatternWhitelist,
} from '../../policy';
import { canonical } from './canonical';
import { actionSchema, type PolicyAction, resolveAction } from '../policy-action';
import { type PolicyScope, resolveScope, scopeSchema } from './scope-fields';
import { type Parsed, readDocument, valueOf } from './problems';
import { type ProfileId, profileIds, profiles } from './profiles';

export type { PolicyAction, PolicyScope };

export const API_VERSION = 'mothball/v1';

const withoutThreshold = z
  .strictObject({ enabled: fields.enabled.optional(), severity: fields.severity.optional() }, 'must hold its settings')
  .optional();
const withThreshold = z
  .strictObject(
    {
      enabled: fields.enabled.optional(),
      idleDays: fields.idleDays.optional(),
      severity: fields.severity.optional(),
    },
    'must hold its settings',
  )
  .optional();

const checks = z
  .strictObject({
    'unused-access-key': withThreshold,
    'unused-password': withThreshold,
    'unused-user': withThreshold.unwrap().extend({ mode: fields.mode.optional() }).optional(),
    'unused-role': withThreshold,
    'access-key-not-rotated': withThreshold,
    'second-active-key': withoutThreshold,
    'inactive-access-key': withThreshold,
    'root-access-key': withoutThreshold,
  } satisfies Record<CheckId, z.ZodType>)
  .describe('Settings of single checks; what is left out is as in the profile.');

const exclusions = z
  .strictObject({
    users: pathPatterns.describe('Users that are spared, with their keys and passwords. Default: none.').optional(),
    roles: pathPatterns
      .describe('Roles that are spared. Default: */OrganizationAccountAccessRole; a list of your own replaces it.')
      .optional(),
  })
  .describe('What is spared: patterns ("*" any text, "?" one character) on path and name.');

const schedule = z
  .strictObject({
    cron: z
      .string('must be text')
      .regex(/^\S+( \S+){4}$/, 'must have five fields: minute hour day month weekday, such as "0 3 * * *"')
      .max(100, 'must have at most 100 characters')
      .meta({
        description:
          'Minute, hour, day, month, weekday. H is a value of the tenant’s own, so that not all begin at once.',
        examples: ['0 3 * * *', 'H H * * 1-5'],
      }),
    timeZone: z
      .string('must be text')
      .min(1, 'must not be empty')
      .max(64, 'must have at most 64 characters')
      .meta({ description: 'An IANA time zone; default UTC.', examples: ['Europe/Zurich'] })
      .optional(),
  })
  .superRefine(({ cron, timeZone }, context) => {
    const message = whyNoSchedule(cron, timeZone ?? 'UTC');
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .describe('When the accounts in scope are scanned, besides the tenant’s daily schedule.');

function whyNoSchedule(cron: string, timezone: string): string | null {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    return `timeZone: "${timezone}" is no time zone; name one as IANA does, such as Europe/Zurich`;
  }
  try {
    nextTime({ cron, timezone, seed: '' }, new Date(0));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const documentName = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be text: put it in quotes') })
  .max(64, 'must have at most 64 characters')
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be small letters and digits with "-" between words, such as ci-users');

/** A policy as people write it: nothing filled in. The order of the fields here is the order in which it is printed. */
export const policyDocumentSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION).describe('The version of this format.'),
    kind: z.literal('Policy').describe('What the document is.'),
    name: documentName.meta({
      description: 'Unique among the tenant’s policies; the same name is the same policy.',
      examples: ['ci-users'],
    }),
    description: z
      .string('must be text')
      .max(2000, 'must have at most 2,000 characters')
      .describe('For people: what it is for.')
      .optional(),
    profile: z
      .enum(profileIds)
      .describe(
        `Where defaults come from; what the document says wins. ${profileIds.map((id) => `${id}: ${profiles[id].about}`).join(' ')}`,
      )
      .optional(),
    scope: scopeSchema.optional(),
    checks: checks.optional(),
    rolePatternWhitelist: rolePatternWhitelist.optional(),
    exclusions: exclusions.optional(),
    action: actionSchema.optional(),
    schedule: schedule.optional(),
  })
  .describe('A policy: whom it is for, what counts as unused, what is spared, and what may be done about findings.');

/** What a person wrote, and nothing else. */
export type PolicyWritten = z.output<typeof policyDocumentSchema>;

export interface PolicySchedule {
  readonly cron: string;
  readonly timeZone: string;
}

/** A policy with everything filled in, and beside it what was written. */
export interface PolicyDocument {
  readonly name: string;
  readonly description: string | null;
  readonly profile: ProfileId | null;
  readonly scope: PolicyScope;
  readonly settings: PolicySettings;
  readonly action: PolicyAction;
  readonly schedule: PolicySchedule | null;
  /** As written, in the canonical order of fields: the same policy always gives the same text. Plain JSON. */
  readonly source: PolicyWritten;
}

/** Reads a policy that people wrote, as plain data. Never throws; every problem is told at once. */
export const readPolicyDocument = (data: unknown): Parsed<PolicyDocument> =>
  readDocument(data, policyDocumentSchema, resolvePolicy);

/** @throws DomainError `BAD_INPUT` naming every bad field. */
export const parsePolicyDocument = (data: unknown): PolicyDocument => valueOf(readPolicyDocument(data), 'policy');

function resolvePolicy(written: PolicyWritten): PolicyDocument {
  const { name, description, profile, scope, action, schedule: times } = written;
  return {
    name,
    description: description ?? null,
    profile: profile ?? null,
    scope: resolveScope(scope),
    settings: resolveSettings(written),
    action: resolveAction(action),
    schedule: times ? { cron: times.cron, timeZone: times.timeZone ?? 'UTC' } : null,
    source: canonical(written, policyDocumentSchema),
  };
}

/** What is written wins over the profile, field by field; lists are replaced, not joined. */
function resolveSettings({ profile, ...written }: PolicyWritten): PolicySettings {
  const base = profiles[profile ?? 'standard'].settings;
  const ids = new Set([...Object.keys(base.checks ?? {}), ...Object.keys(written.checks ?? {})]) as Set<CheckId>;
  const whitelist = written.rolePatternWhitelist ?? base.rolePatternWhitelist;
  return parsePolicy({
    checks: Object.fromEntries([...ids].map((id) => [id, { ...base.checks?.[id], ...written.checks?.[id] }])),
    ...(whitelist === undefined ? {} : { rolePatternWhitelist: whitelist }),
    exclusions: { ...base.exclusions, ...written.exclusions },
  });
}
