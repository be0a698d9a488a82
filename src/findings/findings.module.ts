import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { ScansModule } from '../scans/scans.module';
import { TasksModule } from '../tasks/tasks.module';
import { FindingQueries } from './finding-queries';
import { JudgeAccountTask } from './judge-account.task';
import { JudgingService } from './judging.service';
import { LookUpCredentialsTask } from './look-up-credentials.task';
import { PoliciesService } from './policies.service';
import { RecheckFindingTask } from './recheck-finding.task';
import { UnknownQueries } from './unknown-queries';
import { VerdictWriter } from './verdict-writer';

const services = [FindingQueries, JudgingService, PoliciesService, UnknownQueries];

/** What is wrong: policies and checks turn the inventory into findings. */
@Module({
  imports: [TasksModule, AccountsModule, ScansModule],
  providers: [...services, JudgeAccountTask, LookUpCredentialsTask, RecheckFindingTask, VerdictWriter],
  exports: services,
})
export class FindingsModule {}
