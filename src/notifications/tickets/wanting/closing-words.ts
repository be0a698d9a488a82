/** How the finding that a ticket spoke of last stands now. */
export interface LastFinding {
  name: string | null;
  status: 'open' | 'exempt' | 'resolved' | null;
  resolution: string | null;
  exempt_reason: string | null;
  account_status: 'pending' | 'owned' | 'left' | null;
  /** Whether another ticket of the connection speaks of it now. */
  elsewhere: boolean;
}

const RESOLUTIONS: Readonly<Record<string, string>> = {
  compliant: 'is compliant now',
  gone: 'no longer exists',
  'check-disabled': 'is no longer judged, for its check was switched off',
  'showed-life': 'was used while it was in quarantine, so it was given back',
};

/** Why a ticket is closed, in a sentence or two. */
export function closingWords(last: LastFinding | undefined, removing: boolean): string {
  if (removing) return 'Mothball closes this ticket because its connection to this system is being removed.';
  return `Mothball closes this ticket. ${becauseOf(last)}`;
}

function becauseOf(last: LastFinding | undefined): string {
  if (!last || last.status === null || last.account_status === null) {
    return 'What it spoke of is in an account that this tenant no longer has.';
  }
  const name = last.name ?? 'The last one';
  if (last.account_status === 'left') return `The account of ${name} has left.`;
  switch (last.status) {
    case 'resolved':
      return `None of its findings is left: ${name} ${RESOLUTIONS[last.resolution ?? ''] ?? 'is resolved'}.`;
    case 'exempt':
      return `None of its findings is left: ${name} is exempt (${last.exempt_reason ?? 'by the policy'}).`;
    case 'open':
      return last.elsewhere
        ? `${name} belongs to somebody else now, and is in another ticket.`
        : 'The connection no longer asks for what it spoke of.';
  }
}
