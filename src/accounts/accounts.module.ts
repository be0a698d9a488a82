import { Module } from '@nestjs/common';
import { TasksModule } from '../tasks/tasks.module';
import { AccountQueries } from './account-queries';
import { AssignmentsService } from './assignments.service';
import { ExternalIds } from './external-ids.service';
import { OrganizationDoor } from './organization-door';
import { OrganizationsService } from './organizations.service';
import { RegistrationService } from './registration.service';
import { SyncAccountTagsTask } from './sync-account-tags.task';
import { SyncOrganizationTask } from './sync-organization.task';
import { SyncOutcome } from './sync-outcome.service';
import { Transfers } from './transfers.service';

/** What we may touch: tenants register accounts, organizations list them. */
@Module({
  imports: [TasksModule],
  providers: [
    AccountQueries,
    AssignmentsService,
    ExternalIds,
    OrganizationDoor,
    OrganizationsService,
    RegistrationService,
    SyncAccountTagsTask,
    SyncOrganizationTask,
    SyncOutcome,
    Transfers,
  ],
  exports: [AccountQueries, AssignmentsService, ExternalIds, OrganizationsService, RegistrationService, Transfers],
})
export class AccountsModule {}
