import { ConnectionPreparation } from './connections/connection-preparation.service';
import { ConnectionRemoval } from './connections/connection-removal.service';
import { ConnectionSecrets } from './connections/connection-secrets.service';
import { ConnectionTrouble } from './connections/connection-trouble.service';
import { ConnectionWriting } from './connections/connection-writing.service';
import { OpenConnections } from './connections/open-connections.service';
import { TestTicketConnectionTask } from './connections/test-ticket-connection.task';
import { TicketConnectionQueries } from './connections/ticket-connection-queries';
import { TicketConnections } from './connections/ticket-connections.service';
import { InboundMessages } from './inbound/inbound-messages.service';
import { TicketMarks } from './marking/ticket-marks.service';
import { TicketBudget } from './syncing/budget.service';
import { DueTickets } from './syncing/due-tickets.service';
import { TicketEvaluation } from './syncing/evaluation.service';
import { ExemptionRequests } from './syncing/exemption-requests.service';
import { LocalSteps } from './syncing/local-steps.service';
import { TicketRechecks } from './syncing/rechecks.service';
import { RemoteSteps } from './syncing/remote-steps.service';
import { Scenes } from './syncing/scene.service';
import { StepRunner } from './syncing/step-runner.service';
import { SyncTicketsTask } from './syncing/sync-tickets.task';
import { TicketPreparation } from './syncing/ticket-preparation.service';
import { TicketRounds } from './syncing/ticket-rounds.service';
import { TicketWords } from './syncing/ticket-words.service';
import { TicketTurn } from './syncing/ticket-turn.service';
import { TicketsDue } from './syncing/tickets-due.service';
import { TurnEnds } from './syncing/turn-ends.service';
import { WatchTicketsTask } from './syncing/watch-tickets.task';
import { TicketSystems } from './systems/index';
import { TicketCounters } from './ticket-counters.service';
import { TicketPreviews } from './ticket-previews.service';
import { TicketQueries } from './ticket-queries';
import { TicketRecords } from './ticket-records.service';
import { TicketRetries } from './ticket-retries.service';
import { WantedTickets } from './wanting/wanted-tickets.service';

/** What others may use. */
export const ticketServices = [
  InboundMessages,
  TicketConnectionQueries,
  TicketConnections,
  TicketMarks,
  TicketPreviews,
  TicketQueries,
  TicketRetries,
  TicketSystems,
  TicketsDue,
];

/** What brings tickets to what they should be. */
export const ticketWorkers = [
  ConnectionPreparation,
  ConnectionRemoval,
  ConnectionSecrets,
  ConnectionTrouble,
  ConnectionWriting,
  DueTickets,
  ExemptionRequests,
  LocalSteps,
  OpenConnections,
  RemoteSteps,
  Scenes,
  StepRunner,
  SyncTicketsTask,
  TestTicketConnectionTask,
  TicketBudget,
  TicketCounters,
  TicketEvaluation,
  TicketPreparation,
  TicketRechecks,
  TicketRecords,
  TicketRounds,
  TicketTurn,
  TicketWords,
  TurnEnds,
  WantedTickets,
  WatchTicketsTask,
];
