import { Module } from '@nestjs/common';
import { nodeNetwork, OUTBOUND_NETWORK } from './network';
import { Outbound } from './outbound.service';

/** Requests to places that tenants name: webhooks, chats and ticketing systems. */
@Module({
  providers: [Outbound, { provide: OUTBOUND_NETWORK, useValue: nodeNetwork }],
  exports: [Outbound],
})
export class OutboundModule {}
