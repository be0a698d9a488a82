import { badInput } from '../errors';
import { checks } from '../findings/checks/index';
import { type CheckId, parsePolicy, policySchema, type PolicySettings } from '../findings/policy';

/** Its time counts from the first scan that saw the key inactive, so one look can never find anything. */
const NEEDS_HISTORY: CheckId = 'inactive-access-key';

export const auditedChecks: readonly CheckId[] = checks.map(({ id }) => id).filter((id) => id !== NEEDS_HISTORY);

export interface AuditChoices {
  /** Threshold of the checks that measure time without use, in days; rotation keeps its own. */
  readonly idleDays?: number | undefined;
  readonly check?: readonly string[] | undefined;
  readonly excludeRoles?: string | undefined;
}

/**
 * A policy for one look. An empty choice is an error: it would silently mean everything, or nothing.
 * @throws DomainError `BAD_INPUT` naming the option.
 */
export function auditPolicy({ idleDays, check, excludeRoles }: AuditChoices): PolicySettings {
  const chosen = check === undefined ? new Set<string>(auditedChecks) : checksNamed(check);
  const settings = checks.map(({ id, measures }) => [
    id,
    { enabled: chosen.has(id), ...(measures === 'idle' && idleDays !== undefined ? { idleDays } : {}) },
  ]);
  return parsePolicy({
    checks: Object.fromEntries(settings) as Record<string, unknown>,
    ...(excludeRoles === undefined ? {} : { rolePatternWhitelist: excludedRoles(excludeRoles) }),
  });
}

function checksNamed(names: readonly string[]): Set<string> {
  if (names.length === 0) throw badInput(`--check: name at least one of ${auditedChecks.join(', ')}.`);
  for (const name of names) {
    if (name === NEEDS_HISTORY) {
      throw badInput(
        `--check: ${name} counts from the first scan that saw the key inactive, so a single audit cannot judge it. Run the service for that.`,
      );
    }
    if (!auditedChecks.some((id) => id === name)) {
      throw badInput(`--check: there is no check "${name}". There are: ${auditedChecks.join(', ')}.`);
    }
  }
  return new Set(names);
}

function excludedRoles(patterns: string): string {
  const parsed = policySchema.shape.rolePatternWhitelist.safeParse(patterns);
  if (!parsed.success) throw badInput(`--exclude-roles: ${parsed.error.issues.map((one) => one.message).join('; ')}.`);
  if (/^\|*$/.test(patterns)) throw badInput("--exclude-roles: give at least one pattern, such as '*/breakglass-*'.");
  return patterns;
}

/** @throws DomainError `BAD_INPUT`. 400 days is as far as AWS remembers the use of a role. */
export function parseIdleDays(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 400) return days;
  throw badInput(`--idle-days: "${text}" is not a whole number of days from 1 to 400.`);
}
