import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import type { YogaDriverConfig } from '@graphql-yoga/nestjs';
import { GraphQLModule } from '@nestjs/graphql';
import { AccountsModule } from '../accounts/accounts.module';
import { CleanupModule } from '../cleanup/cleanup.module';
import { FindingsModule } from '../findings/findings.module';
import { NotificationsModule } from '../notifications/notifications.module';
import { ObservabilityModule } from '../observability/observability.module';
import { RolesModule } from '../roles/roles.module';
import { ScansModule } from '../scans/scans.module';
import { TasksModule } from '../tasks/tasks.module';
import { AccountById, OrganizationById, VerificationOfAccount } from './accounts/account-batches';
import { RoleSetups } from './accounts/role-setups.service';
import { Verifications } from './accounts/verifications.service';
import { AuditLogExportController } from './audit-log/audit-log-export.controller';
import { AuditLogExport } from './audit-log/audit-log-export.service';
import { AuditLogQueries } from './audit-log/audit-log-queries';
import { ExecutionById, ExecutionQueries } from './cleanup/execution-queries';
import {
  ApprovalsOfPlan,
  CountsOfPlan,
  ItemsOfIdentity,
  OpenItemOfFinding,
  PlanById,
  PlanItemById,
  RaisedApprovalsOfPlan,
  StepsOfItem,
} from './cleanup/plan-batches';
import { PlanChanges } from './cleanup/plan-changes';
import { TimelineOfIdentity, TimelineOfItem, TimelineOfPlan } from './cleanup/timelines';
import { Acting } from './core/acting';
import { Answering } from './core/answering';
import { ErrorFilter } from './core/error.filter';
import { GuardedDriver } from './core/guarded-driver';
import { PermissionGuard } from './core/permission.guard';
import { PlatformLooks } from './core/platform-looks.service';
import { ReadScope } from './core/read-scope';
import { RefusalNotes } from './core/refusals/refusal-notes.service';
import { Refusals } from './core/refusals/refusals.service';
import { RequestContexts } from './core/request-context';
import { OwnPages } from './core/own-pages';
import { Origins } from './core/request-origin';
import { YogaOptions } from './core/yoga-options';
import { ExemptionById, FindingsCountOfExemption, HistoryOfExemption } from './exemptions/exemption-batches';
import { FindingById, FindingsOfIdentity, HistoryOfFinding, Remediations } from './findings/finding-batches';
import { RecheckTargets } from './findings/recheck-targets.service';
import { Changes } from './inventory/changes.service';
import { CredentialsOfUser, IdentityById, TagsOfIdentity } from './inventory/identity-batches';
import { ScanById } from './inventory/scan-batches';
import { NodeBatches } from './node-batches.service';
import { AttemptsOfDelivery, DeliveryById } from './notifications/deliveries/delivery-batches';
import { EndpointById, HealthOfEndpoint } from './notifications/endpoints/endpoint-batches';
import { PublishedEventById } from './notifications/events/event-batches';
import { InboundLimits } from './notifications/inbound/inbound-limits.service';
import { InboundTicketsController } from './notifications/inbound/inbound-tickets.controller';
import { StepsOfTicket, TicketById, TicketsOfFinding, TicketSystemById } from './notifications/tickets/ticket-batches';
import { OpenFindingsOfOwner, OwnerById, ReassignmentOfFinding } from './owners/owner-batches';
import { PolicySchemaController } from './policies/policy-schema.controller';
import { PolicyReads } from './policies/policy-reads.service';
import { resolvers } from './resolvers';
import { HomeController } from './sign-in/home.controller';
import { SignInController } from './sign-in/sign-in.controller';
import { SignedIn } from './sign-in/signed-in.service';
import { SweepSchedule } from './tasks/sweep-schedule.service';
import { TaskById, TaskQueries } from './tasks/task-queries';
import { PeopleQueries } from './tenancy/people-queries';
import { TenantQueries } from './tenancy/tenant-queries';

const batches = [
  AccountById,
  ApprovalsOfPlan,
  AttemptsOfDelivery,
  CountsOfPlan,
  CredentialsOfUser,
  DeliveryById,
  EndpointById,
  ExecutionById,
  ExemptionById,
  FindingById,
  FindingsCountOfExemption,
  FindingsOfIdentity,
  HealthOfEndpoint,
  HistoryOfExemption,
  HistoryOfFinding,
  IdentityById,
  ItemsOfIdentity,
  OpenFindingsOfOwner,
  OpenItemOfFinding,
  OrganizationById,
  OwnerById,
  PlanById,
  PlanItemById,
  PublishedEventById,
  RaisedApprovalsOfPlan,
  ReassignmentOfFinding,
  Remediations,
  ScanById,
  StepsOfItem,
  StepsOfTicket,
  TagsOfIdentity,
  TaskById,
  TicketById,
  TicketSystemById,
  TicketsOfFinding,
  TimelineOfIdentity,
  TimelineOfItem,
  TimelineOfPlan,
  VerificationOfAccount,
];

const services = [
  Acting,
  Answering,
  AuditLogExport,
  AuditLogQueries,
  Changes,
  ExecutionQueries,
  InboundLimits,
  NodeBatches,
  PeopleQueries,
  PlanChanges,
  PolicyReads,
  RecheckTargets,
  RoleSetups,
  SignedIn,
  SweepSchedule,
  TaskQueries,
  TenantQueries,
  Verifications,
];

/** Who asks, and as whom that reads. */
@Module({
  imports: [ObservabilityModule],
  providers: [Origins, OwnPages, PlatformLooks, ReadScope, RefusalNotes, Refusals, RequestContexts],
  exports: [Origins, OwnPages, ReadScope, Refusals, RequestContexts],
})
class AskingModule {}

/** The edge: thin resolvers over the stages' services. Nobody imports it but the application. */
@Module({
  imports: [
    AskingModule,
    TasksModule,
    AccountsModule,
    ScansModule,
    FindingsModule,
    CleanupModule,
    RolesModule,
    NotificationsModule,
    ObservabilityModule,
    GraphQLModule.forRootAsync<YogaDriverConfig>({
      driver: GuardedDriver,
      imports: [AskingModule, ObservabilityModule],
      useClass: YogaOptions,
    }),
  ],
  controllers: [
    HomeController,
    SignInController,
    AuditLogExportController,
    PolicySchemaController,
    InboundTicketsController,
  ],
  providers: [
    ...resolvers,
    ...batches,
    ...services,
    { provide: APP_GUARD, useClass: PermissionGuard },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
})
export class GraphqlModule {}
