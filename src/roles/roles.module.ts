import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { ScansModule } from '../scans/scans.module';
import { TasksModule } from '../tasks/tasks.module';
import { AccountRoles } from './verification/account-roles.service';
import { Reverification } from './verification/reverification.service';
import { ReverifyAccountTask } from './verification/reverify-account.task';
import { ReverifyAccountsTask } from './verification/reverify-accounts.task';
import { RoleVerifier } from './verification/role-verifier.service';
import { VerifyAccountTask } from './verification/verify-account.task';

/** The roles that accounts give us: what each must be allowed, how to make it, and what verification finds of it. */
@Module({
  imports: [TasksModule, AccountsModule, ScansModule],
  providers: [AccountRoles, Reverification, ReverifyAccountTask, ReverifyAccountsTask, RoleVerifier, VerifyAccountTask],
  exports: [AccountRoles],
})
export class RolesModule {}
