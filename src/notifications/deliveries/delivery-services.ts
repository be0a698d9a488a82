import { Batches } from './batches/batches.service';
import { DeliverTask } from './deliver.task';
import { DeliveriesDue } from './deliveries-due.service';
import { DeliveryCounters } from './delivery-counters.service';
import { DeliveryQueries } from './delivery-queries';
import { Disabling } from './driver/disabling.service';
import { DueDeliveries } from './driver/due-deliveries.service';
import { EndpointOutcomes } from './driver/endpoint-outcomes.service';
import { Messages } from './driver/messages.service';
import { Outcomes } from './driver/outcomes.service';
import { RunEnd } from './driver/run-end.service';
import { Sending } from './driver/sending.service';
import { TurnTaking } from './driver/turn-taking.service';
import { Endings } from './endings.service';
import { FanOut } from './fan-out.service';
import { Replays } from './replays.service';
import { TellOfDisabledTask } from './tell-of-disabled.task';
import { TestDeliveries } from './test-deliveries.service';
import { WatchDeliveriesTask } from './watch-deliveries.task';

/** What others may use. */
export const deliveryServices = [Batches, DeliveriesDue, DeliveryQueries, FanOut, Replays, TestDeliveries];

/** What does tasks, and what that needs. */
export const deliveryWorkers = [
  DeliverTask,
  DeliveryCounters,
  Disabling,
  DueDeliveries,
  Endings,
  EndpointOutcomes,
  Messages,
  Outcomes,
  RunEnd,
  Sending,
  TellOfDisabledTask,
  TurnTaking,
  WatchDeliveriesTask,
];
