import type { TicketFacts } from '../wanting/ticket-facts';
import type { Remark } from './next-step';

const MOST_NAMES = 10;

/** What is said of something that people did with a ticket. Pure; plain text. */
export function remarkWords(remark: Remark, facts: TicketFacts | undefined): string {
  const findings = facts?.findings ?? [];
  const names = findings.slice(0, MOST_NAMES).map(({ name, awsAccountId }) => `${name} in ${awsAccountId}`);
  const more = (facts?.count ?? 0) - names.length;
  const list = `${names.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
  switch (remark) {
    case 'still-open':
      return `Mothball has looked again, and this is still open: ${list}. It stays open in Mothball until it is mended or exempt.`;
    case 'not-exempted':
      return `The exemption that this ticket asked for is not in force, so this stays open in Mothball: ${list}.`;
    case 'opened-for-nothing':
      return 'Nothing that this ticket spoke of is open in Mothball, so Mothball leaves the ticket to you. An exemption that is in force stays so until somebody ends it in Mothball.';
  }
}
