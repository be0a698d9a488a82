import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import type { YogaDriverConfig } from '@graphql-yoga/nestjs';
import { GraphQLModule } from '@nestjs/graphql';
import { AccountsModule } from '../accounts/accounts.module';
import { FindingsModule } from '../findings/findings.module';
import { ObservabilityModule } from '../observability/observability.module';
import { ScansModule } from '../scans/scans.module';
import { TasksModule } from '../tasks/tasks.module';
import { AccountById, OrganizationById } from './accounts/account-batches';
import { RoleSetups } from './accounts/role-setups.service';
import { Verifications } from './accounts/verifications.service';
import { Acting } from './core/acting';
import { ErrorFilter } from './core/error.filter';
import { GuardedDriver } from './core/guarded-driver';
import { PermissionGuard } from './core/permission.guard';
import { ReadScope } from './core/read-scope';
import { RequestContexts } from './core/request-context';
import { YogaOptions } from './core/yoga-options';
import { FindingsOfIdentity, HistoryOfFinding, Remediations } from './findings/finding-batches';
import { RecheckTargets } from './findings/recheck-targets.service';
import { Changes } from './inventory/changes.service';
import { CredentialsOfUser, IdentityById, TagsOfIdentity } from './inventory/identity-batches';
import { ScanById } from './inventory/scan-batches';
import { NodeBatches } from './node-batches.service';
import { resolvers } from './resolvers';
import { SweepSchedule } from './tasks/sweep-schedule.service';
import { TaskById, TaskQueries } from './tasks/task-queries';
import { TenantQueries } from './tenancy/tenant-queries';

const batches = [
  AccountById,
  CredentialsOfUser,
  FindingsOfIdentity,
  HistoryOfFinding,
  IdentityById,
  OrganizationById,
  Remediations,
  ScanById,
  TagsOfIdentity,
  TaskById,
];

const services = [
  Acting,
  Changes,
  NodeBatches,
  RecheckTargets,
  RoleSetups,
  SweepSchedule,
  TaskQueries,
  TenantQueries,
  Verifications,
];

/** Who asks, and as whom that reads. */
@Module({ providers: [ReadScope, RequestContexts], exports: [ReadScope, RequestContexts] })
class AskingModule {}

/** The edge: thin resolvers over the stages' services. Nobody imports it but the application. */
@Module({
  imports: [
    AskingModule,
    TasksModule,
    AccountsModule,
    ScansModule,
    FindingsModule,
    GraphQLModule.forRootAsync<YogaDriverConfig>({
      driver: GuardedDriver,
      imports: [AskingModule, ObservabilityModule],
      useClass: YogaOptions,
    }),
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
