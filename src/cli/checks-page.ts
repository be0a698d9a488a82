import type { Steps } from '../findings/check';
import { auditedChecks } from './audit-settings';
import { catalogue, type ListedCheck, standardText } from './checks-catalog';

/** docs/checks.md, as `mothball checks --format markdown` prints it. */
export function checksPage(): string {
  const listed = catalogue();
  return `${[introduction(), overview(listed), ...listed.map(section)].join('\n\n')}\n`;
}

const introduction = (): string =>
  [
    '# Checks',
    '',
    '<!-- Made by `npx mothball checks --format markdown > docs/checks.md` from src/findings/checks; a spec compares the two. -->',
    '',
    'Each check is one rule. An identity is flagged when its threshold is reached (at 90 days or more, not over 90).',
    'What could not be read is *unknown*, is shown with the reason, and is never taken for unused.',
    'Names in capitals stand for those of the identity; findings have them filled in.',
    '',
    'Never judged: roles under `/aws-service-role/` and `/aws-reserved/`, which only AWS may remove, and of the root user everything but its access keys.',
  ].join('\n');

const overview = (listed: readonly ListedCheck[]): string =>
  [
    '| Check | Looks at | Risk | Threshold |',
    '| --- | --- | --- | --- |',
    ...listed.map(
      (check) => `| [\`${check.id}\`](#${check.id}) | ${kindText(check)} | ${check.severity} | ${threshold(check)} |`,
    ),
  ].join('\n');

function section(check: ListedCheck): string {
  return [
    `## ${check.id}`,
    `**${check.title}.** ${escaped(check.rationale)}`,
    facts(check),
    `### Look for it by hand: ${check.id}`,
    steps(check.audit),
    `### Mend it: ${check.id}`,
    steps(check.remediation),
  ].join('\n\n');
}

function facts(check: ListedCheck): string {
  const standards = check.standards.map(standardText);
  return [
    `- Risk: ${check.risk}`,
    `- Threshold: ${threshold(check)}`,
    ...(check.provisional
      ? ["- Flagged only after the user's SSH public keys and service-specific credentials have been read, too."]
      : []),
    ...(auditedChecks.includes(check.id)
      ? []
      : ['- Needs more than one scan, so `mothball audit` leaves it out; the service judges it.']),
    `- Permissions: ${check.permissions.map((action) => `\`${action}\``).join(', ')}`,
    ...(standards.length === 0
      ? ['- Standards: none that a source maps to it']
      : ['- Standards:', ...standards.map((one) => `  - ${one}`)]),
  ].join('\n');
}

const steps = ({ console: byHand, cli }: Steps): string =>
  [...byHand.map((step, index) => `${index + 1}. ${escaped(step)}`), '', '```sh', ...cli, '```'].join('\n');

export function threshold({ measures, defaultIdleDays }: Pick<ListedCheck, 'measures' | 'defaultIdleDays'>): string {
  if (defaultIdleDays === null) return 'none';
  return measures === 'idle' ? `${defaultIdleDays} days without use` : `${defaultIdleDays} days old`;
}

export const kindText = ({ kind }: Pick<ListedCheck, 'kind'>): string => kind.replace('-', ' ');

const escaped = (text: string): string => text.replace(/[<>*]/g, '\\$&');
