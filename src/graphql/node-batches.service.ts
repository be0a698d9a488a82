import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { FindingQueries } from '../findings/finding-queries';
import { PolicyPreviews } from '../findings/policies/previews/policy-previews.service';
import type { Reader } from '../paging';
import { SweepsService } from '../scans/sweeps.service';
import { AccountById, OrganizationById } from './accounts/account-batches';
import { ExecutionById } from './cleanup/execution-queries';
import { PlanById, PlanItemById } from './cleanup/plan-batches';
import type { ApiIdKind } from '../api-id';
import type { Node } from './core/node.type';
import type { Batch } from './core/request-context';
import { ExemptionById } from './exemptions/exemption-batches';
import { Finding } from './findings/finding.type';
import { IdentityById } from './inventory/identity-batches';
import { ScanById } from './inventory/scan-batches';
import { Sweep } from './inventory/scan.type';
import { DeliveryById } from './notifications/deliveries/delivery-batches';
import { EndpointById } from './notifications/endpoints/endpoint-batches';
import { PublishedEventById } from './notifications/events/event-batches';
import { TicketById, TicketSystemById } from './notifications/tickets/ticket-batches';
import { OwnerById } from './owners/owner-batches';
import { PolicyPreview } from './policies/policy-preview.type';
import { PolicyReads } from './policies/policy-reads.service';
import { TaskById } from './tasks/task-queries';
import { TenantQueries } from './tenancy/tenant-queries';
import { Tenant } from './tenancy/tenant.type';

type NodeBatch = Batch<string, Node | null>;

/** How each kind of thing is read by its id. Tokens and transfer requests are for those who manage them only. */
@Injectable()
export class NodeBatches implements OnModuleInit {
  private batches: Partial<Record<ApiIdKind, NodeBatch>> = {};

  constructor(private readonly modules: ModuleRef) {}

  onModuleInit(): void {
    const { modules } = this;
    const tenants = modules.get(TenantQueries);
    const findings = modules.get(FindingQueries, { strict: false });
    const sweeps = modules.get(SweepsService, { strict: false });
    const policies = modules.get(PolicyReads);
    const previews = modules.get(PolicyPreviews, { strict: false });
    this.batches = {
      Account: modules.get(AccountById),
      Organization: modules.get(OrganizationById),
      Scan: modules.get(ScanById),
      Identity: modules.get(IdentityById),
      Exemption: modules.get(ExemptionById),
      Owner: modules.get(OwnerById),
      Plan: modules.get(PlanById),
      PlanItem: modules.get(PlanItemById),
      Execution: modules.get(ExecutionById),
      Event: modules.get(PublishedEventById),
      Endpoint: modules.get(EndpointById),
      Delivery: modules.get(DeliveryById),
      TicketConnection: modules.get(TicketSystemById),
      Ticket: modules.get(TicketById),
      Task: modules.get(TaskById),
      Tenant: {
        load: async (reader, ids) => (await tenants.load(reader, ids)).map((row) => row && Tenant.from(row)),
      },
      Finding: eachOf(async (reader, id) => new Finding(await findings.byId(reader, id))),
      Policy: eachOf((reader, id) => policies.byNode(reader, id)),
      PolicyPreview: eachOf(async (reader, id) => new PolicyPreview(await previews.byId(reader, id))),
      Sweep: eachOf(async (reader, id) => new Sweep(await sweeps.byId(reader, id))),
    };
  }

  of(kind: ApiIdKind): NodeBatch | undefined {
    return this.batches[kind];
  }
}

/** For what has no read by many ids. */
const eachOf = (one: (reader: Reader, id: string) => Promise<Node>): NodeBatch => ({
  load: async (reader, ids) => {
    const nodes: Node[] = [];
    for (const id of ids) nodes.push(await one(reader, id));
    return nodes;
  },
});
