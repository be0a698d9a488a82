import { DigestSchedules } from './digests/digest-schedules.service';
import { MakeDigestTask } from './digests/make-digest.task';
import { PublishEventsTask } from './publish-events.task';
import { PublishedEventQueries } from './published-event-queries';
import { Publisher } from './publisher.service';
import { PublishingGauges } from './publishing-gauges.service';
import { PublishingWatch } from './publishing-watch.service';

/** What others may use. */
export const publishingServices = [DigestSchedules, PublishedEventQueries, Publisher, PublishingGauges];

/** What does tasks, or has them done. */
export const publishingWorkers = [MakeDigestTask, PublishEventsTask, PublishingWatch];
