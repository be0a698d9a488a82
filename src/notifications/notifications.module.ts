import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { CleanupModule } from '../cleanup/cleanup.module';
import { FindingsModule } from '../findings/findings.module';
import { ObservabilityModule } from '../observability/observability.module';
import { OutboundModule } from '../outbound/outbound.module';
import { ScansModule } from '../scans/scans.module';
import { TasksModule } from '../tasks/tasks.module';
import { channelServices } from './channels';
import { deliveryServices, deliveryWorkers } from './deliveries/delivery-services';
import { endpointServices } from './endpoints/endpoint-services';
import { publishingServices, publishingWorkers } from './publishing/publishing-services';
import { ticketServices, ticketWorkers } from './tickets/ticket-services';

const services = [
  ...channelServices,
  ...deliveryServices,
  ...endpointServices,
  ...publishingServices,
  ...ticketServices,
];

const workers = [...deliveryWorkers, ...publishingWorkers, ...ticketWorkers];

/** What we tell: events as they are published, endpoints and deliveries, tickets. */
@Module({
  imports: [
    TasksModule,
    ObservabilityModule,
    AccountsModule,
    ScansModule,
    FindingsModule,
    CleanupModule,
    OutboundModule,
  ],
  providers: [...services, ...workers],
  exports: services,
})
export class NotificationsModule {}
