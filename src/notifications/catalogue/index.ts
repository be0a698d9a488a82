import type { EventType } from './event-type';
import { accountLeft, accountLostAccess, accountRegainedAccess } from './events/account.events';
import { cleanupPaused, cleanupResumed } from './events/cleanup.events';
import { digestDaily, digestWeekly } from './events/digest.events';
import { endpointDisabled } from './events/endpoint.events';
import {
  exemptionAgreed,
  exemptionEnded,
  exemptionEnding,
  exemptionExtended,
  exemptionExtensionProposed,
  exemptionExtensionRefused,
  exemptionMade,
  exemptionProposed,
  exemptionRefused,
} from './events/exemption.events';
import { findingExempt, findingOpened, findingReopened, findingResolved } from './events/finding.events';
import {
  identityDeleted,
  identityDeletionDue,
  identityQuarantined,
  identityQuarantineDue,
  identityRecreated,
  identityRestored,
  identityShowedLife,
  identitySilenced,
  itemHalted,
  itemRefused,
  itemRestoreRefused,
} from './events/item.events';
import {
  planApproved,
  planCancelled,
  planCompleted,
  planHalted,
  planLapsed,
  planProposed,
  planRefused,
  planResumed,
} from './events/plan.events';
import { scanCompleted, scanFailed, scanPartial } from './events/scan.events';
import { ticketConnectionDisabled } from './events/ticket-connection.events';

/** The version of the payload that new endpoints are made with. */
export const LATEST_VERSION = 1;

/** All events that are published; what is recorded besides is the service's own. */
export const eventTypes: readonly EventType[] = [
  findingOpened,
  findingResolved,
  findingReopened,
  findingExempt,
  exemptionProposed,
  exemptionMade,
  exemptionAgreed,
  exemptionRefused,
  exemptionExtensionProposed,
  exemptionExtensionRefused,
  exemptionExtended,
  exemptionEnding,
  exemptionEnded,
  scanCompleted,
  scanPartial,
  scanFailed,
  accountLostAccess,
  accountRegainedAccess,
  accountLeft,
  planProposed,
  planApproved,
  planRefused,
  planHalted,
  planResumed,
  planCancelled,
  planLapsed,
  planCompleted,
  identityQuarantineDue,
  identityQuarantined,
  identitySilenced,
  identityShowedLife,
  identityRestored,
  identityDeletionDue,
  identityDeleted,
  identityRecreated,
  itemRefused,
  itemHalted,
  itemRestoreRefused,
  cleanupPaused,
  cleanupResumed,
  endpointDisabled,
  ticketConnectionDisabled,
  digestDaily,
  digestWeekly,
];

const BY_TYPE: ReadonlyMap<string, EventType> = new Map(eventTypes.map((one) => [one.type, one]));

/** Undefined: it is not published. */
export const findEventType = (type: string): EventType | undefined => BY_TYPE.get(type);
