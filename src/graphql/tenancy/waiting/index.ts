import { accountsNotRead, accountsToVerify } from './accounts.waiting';
import { exemptionsEnding, exemptionsToAgreeTo } from './exemptions.waiting';
import { disabledEndpoints, disabledTicketConnections, stuckTickets } from './notifications.waiting';
import { haltedItems, haltedPlans, plansToApprove } from './plans.waiting';
import { proposedPolicies } from './policies.waiting';
import { parkedTasks } from './tasks.waiting';
import { transferRequests } from './transfers.waiting';
import type { Waiting } from './waiting';

/** Everything that can wait for somebody, in the order in which it is shown. A new one: its file, and a line here. */
export const waitings: readonly Waiting[] = [
  exemptionsToAgreeTo,
  exemptionsEnding,
  plansToApprove,
  haltedPlans,
  haltedItems,
  proposedPolicies,
  transferRequests,
  accountsToVerify,
  accountsNotRead,
  disabledEndpoints,
  disabledTicketConnections,
  stuckTickets,
  parkedTasks,
];
