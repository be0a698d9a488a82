import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Handles, type TaskHandler } from '../tasks/handles';
import type { RunningTask } from '../tasks/running-task';
import { AssignmentsService } from './assignments.service';
import { OrganizationDoor } from './organization-door';
import { collectOrganization } from './organization.collector';
import { syncOrganization } from './sync-organization.definition';
import { SyncOutcome } from './sync-outcome.service';

type Payload = z.infer<typeof syncOrganization.payload>;

/** Lists an organization's accounts, marks those that left, and lets the assignment rules place the new ones. */
@Injectable()
@Handles(syncOrganization)
export class SyncOrganizationTask implements TaskHandler<Payload> {
  constructor(
    private readonly door: OrganizationDoor,
    private readonly assignments: AssignmentsService,
    private readonly outcome: SyncOutcome,
  ) {}

  async run(task: RunningTask<Payload>): Promise<void> {
    const { organization, access } = await this.door.open(task, task.payload.organizationId);
    try {
      await access.connect();
      const listed = await collectOrganization(access);
      await this.outcome.write(task, organization, listed);
    } catch (error) {
      await this.outcome.failed(task, error);
      throw error;
    } finally {
      access.close();
    }
    await this.assignments.applyRules(organization.id);
  }
}
