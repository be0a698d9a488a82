import { findCheck } from '../../../findings/checks/index';
import type { Steps } from '../../../findings/check';
import { day } from '../../../findings/wording';
import type { TicketContent } from '../ticket-system';
import type { FindingFacts, TicketFacts } from './ticket-facts';

const LONGEST_TITLE = 200;
const LONGEST_STEP = 2_000;
const MOST_STEPS = 40;

const KINDS = { user: 'User', role: 'Role', password: 'Password of', 'access-key': 'Access key' } as const;

export interface Around {
  readonly key: string;
  /** How to mend the first of the findings; null: its identity is gone meanwhile. */
  readonly steps: Steps | null;
  readonly link: string | null;
  readonly follows: TicketContent['follows'];
}

/** One line: what it is about. Plain text; of some hundred characters at most. */
export function titleOf({ oneFor, findings, count }: TicketFacts): string {
  const [first] = findings;
  if (!first) return 'Nothing is left';
  const check = findCheck(first.checkId).title;
  const many = count === 1 ? '1 finding' : `${count} findings`;
  switch (oneFor) {
    case 'finding':
      return cut(`${check}: ${nameOf(first)} in ${first.accountName} (${first.awsAccountId})`, LONGEST_TITLE);
    case 'account':
      return cut(`${first.accountName} (${first.awsAccountId}): ${many} about unused identities`, LONGEST_TITLE);
    case 'owner-and-check':
      return cut(`${check}: ${many} of ${first.owner ?? 'nobody known'}`, LONGEST_TITLE);
  }
}

/** What a ticket says. Pure; the same facts give the same text. */
export function contentOf(facts: TicketFacts, { key, steps, link, follows }: Around): TicketContent {
  const [first] = facts.findings;
  if (!first) throw new Error('A ticket that is open speaks of something.');
  return {
    key,
    title: titleOf(facts),
    severity: first.severity,
    owner: ownerOf(facts.findings),
    text: paragraphs(facts),
    findings: facts.findings.map((finding) => ({
      title: `${nameOf(finding)} in ${finding.accountName} (${finding.awsAccountId})`,
      why: finding.quarantinedAt === null ? finding.why : `${finding.why} ${inQuarantine(finding.quarantinedAt)}`,
      link: null,
    })),
    more: facts.count - facts.findings.length,
    remediation: steps === null ? [] : remediation(facts, first, steps),
    link,
    follows,
  };
}

/** Whose all of them are; null: nobody's, or of several. */
export function ownerOf(findings: readonly FindingFacts[]): string | null {
  const owners = new Set(findings.map(({ owner }) => owner));
  return owners.size === 1 ? (findings[0]?.owner ?? null) : null;
}

function paragraphs({ findings }: TicketFacts): string[] {
  const checks = [...new Set(findings.map(({ checkId }) => checkId))].map((id) => findCheck(id));
  const held = findings.filter(({ quarantinedAt }) => quarantinedAt !== null).length;
  return [
    ...checks.map(({ title, rationale }) => `${title}. ${rationale}`),
    ...(held === 0
      ? []
      : [
          `${held === 1 ? 'One of them is' : `${held} of them are`} in quarantine: still there, but without rights. This ticket stays open until each is deleted or given back.`,
        ]),
    'This ticket is closed by itself when none of its findings is left. Closed as "won’t do", it asks for an exemption, which somebody in Mothball has to approve.',
  ];
}

function remediation({ count }: TicketFacts, first: FindingFacts, { console: steps }: Steps): string[] {
  const intro =
    count === 1 ? [] : [`For ${nameOf(first)} in ${first.awsAccountId}; for the others of its kind likewise:`];
  return [...intro, ...steps].slice(0, MOST_STEPS).map((step) => cut(step, LONGEST_STEP));
}

const nameOf = ({ kind, name }: FindingFacts): string => `${KINDS[kind]} ${name}`;

const inQuarantine = (at: string): string => `In quarantine since ${day(new Date(at))}.`;

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
