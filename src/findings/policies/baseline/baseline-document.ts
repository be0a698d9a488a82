import { z } from 'zod';
import { type CheckId, fields, pathPatterns } from '../../policy';
import { canonical } from '../documents/canonical';
import { type ActionMode, actionModes } from '../policy-action';
import { API_VERSION } from '../documents/policy-document';
import { type Parsed, readDocument, valueOf } from '../documents/problems';

const required = z
  .boolean('must be true or false')
  .describe('true: no tenant may switch the check off. Default false.')
  .optional();
const maxIdleDays = fields.idleDays
  .describe('Tenants’ idleDays must not be above it; 1 to 400. Default: no limit.')
  .optional();
const minSeverity = fields.severity.describe('Tenants’ severity must not be below it. Default: no limit.').optional();

const withoutThreshold = z.strictObject({ required, minSeverity }, 'must hold its limits').optional();
const withThreshold = z.strictObject({ required, maxIdleDays, minSeverity }, 'must hold its limits').optional();

const ofDays = 'must be a whole number of days from 1 to 3650';

/** The platform's limits as people write them: what is left out is not limited. */
export const baselineDocumentSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION).describe('The version of this format.'),
    kind: z.literal('Baseline').describe('What the document is.'),
    description: z
      .string('must be text')
      .max(2000, 'must have at most 2,000 characters')
      .describe('For people: why it is so.')
      .optional(),
    checks: z
      .strictObject({
        'unused-access-key': withThreshold,
        'unused-password': withThreshold,
        'unused-user': withThreshold
          .unwrap()
          .extend({
            mode: z
              .literal('idle')
              .describe('idle: tenants may not choose never-signed-in-and-no-key, which finds fewer users.')
              .optional(),
          })
          .optional(),
        'unused-role': withThreshold,
        'access-key-not-rotated': withThreshold,
        'second-active-key': withoutThreshold,
        'inactive-access-key': withThreshold,
        'root-access-key': withoutThreshold,
      } satisfies Record<CheckId, z.ZodType>)
      .describe('Limits of single checks.')
      .optional(),
    exclusions: z
      .strictObject({
        users: pathPatterns
          .describe('Tenants’ patterns must lie within these; an empty list: none at all. Default: no limit.')
          .optional(),
        roles: pathPatterns
          .describe(
            'The same for roles, rolePatternWhitelist included; an empty list: none but */OrganizationAccountAccessRole, which is spared by default. Default: no limit.',
          )
          .optional(),
      })
      .describe('The most that tenants may spare by patterns.')
      .optional(),
    maxActionMode: z
      .enum(actionModes)
      .describe('The farthest that any tenant’s policy may go. Default: no limit.')
      .optional(),
    maxExemptionDays: z
      .int(ofDays)
      .min(1, ofDays)
      .max(3650, ofDays)
      .describe('The longest that an exemption may last, in days. Default: 365.')
      .optional(),
  })
  .describe('What binds the policies of all tenants: they may be stricter, never looser.');

/** What a person wrote, and nothing else. */
export type BaselineWritten = z.output<typeof baselineDocumentSchema>;

export interface CheckLimits {
  readonly required: boolean;
  readonly maxIdleDays: number | null;
  readonly minSeverity: z.output<typeof fields.severity> | null;
  /** Only of `unused-user`: the mode that finds fewer is not allowed. */
  readonly idleModeOnly: boolean;
}

/** The platform's limits, filled in: null is no limit. */
export interface Baseline {
  readonly description: string | null;
  readonly checks: Readonly<Record<CheckId, CheckLimits>>;
  readonly exclusions: { readonly users: readonly string[] | null; readonly roles: readonly string[] | null };
  readonly maxActionMode: ActionMode;
  readonly maxExemptionDays: number;
  /** As written, in the canonical order of fields. Plain JSON. */
  readonly source: BaselineWritten;
}

const DEFAULT_MAX_EXEMPTION_DAYS = 365;

/** Reads a baseline that people wrote, as plain data. Never throws; every problem is told at once. */
export const readBaselineDocument = (data: unknown): Parsed<Baseline> =>
  readDocument(data, baselineDocumentSchema, resolveBaseline);

/** @throws DomainError `BAD_INPUT` naming every bad field. */
export const parseBaselineDocument = (data: unknown): Baseline => valueOf(readBaselineDocument(data), 'baseline');

const checkIds = Object.keys(baselineDocumentSchema.shape.checks.unwrap().shape) as CheckId[];

function resolveBaseline(written: BaselineWritten): Baseline {
  const limits = (id: CheckId): CheckLimits => {
    const one: { required?: boolean | undefined; maxIdleDays?: number | undefined; mode?: 'idle' | undefined } & Pick<
      NonNullable<NonNullable<BaselineWritten['checks']>[CheckId]>,
      'minSeverity'
    > = written.checks?.[id] ?? {};
    return {
      required: one.required ?? false,
      maxIdleDays: one.maxIdleDays ?? null,
      minSeverity: one.minSeverity ?? null,
      idleModeOnly: one.mode === 'idle',
    };
  };
  return {
    description: written.description ?? null,
    checks: Object.fromEntries(checkIds.map((id) => [id, limits(id)])) as Record<CheckId, CheckLimits>,
    exclusions: { users: written.exclusions?.users ?? null, roles: written.exclusions?.roles ?? null },
    maxActionMode: written.maxActionMode ?? 'automatic-deletion',
    maxExemptionDays: written.maxExemptionDays ?? DEFAULT_MAX_EXEMPTION_DAYS,
    source: canonical(written, baselineDocumentSchema),
  };
}

/** No limits but the longest exemption: what holds until the platform writes its own. */
export const noBaseline: Baseline = resolveBaseline({ apiVersion: API_VERSION, kind: 'Baseline' });
