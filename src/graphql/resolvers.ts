import type { Type } from '@nestjs/common';
import { AccountMutationsResolver } from './accounts/account-mutations.resolver';
import { AccountSetupResolver } from './accounts/account-setup.resolver';
import { AccountsResolver } from './accounts/accounts.resolver';
import { AssignmentsResolver } from './accounts/assignments.resolver';
import { OrganizationsResolver } from './accounts/organizations.resolver';
import { TransfersResolver } from './accounts/transfers.resolver';
import { ChecksResolver } from './findings/checks.resolver';
import { FindingFieldsResolver, UnknownFieldsResolver } from './findings/finding-fields.resolver';
import { FindingsResolver } from './findings/findings.resolver';
import { PolicyResolver } from './findings/policy.resolver';
import { RecheckResolver } from './findings/recheck.resolver';
import { AccessKeyUserResolver, PasswordUserResolver, UserCredentialsResolver } from './inventory/credentials.resolver';
import { IdentitiesResolver } from './inventory/identities.resolver';
import { IdentityFieldsResolver } from './inventory/identity-fields.resolver';
import { AccessKey, Password, Role, User } from './inventory/identity.type';
import { ScansResolver } from './inventory/scans.resolver';
import { SweepProgressResolver } from './inventory/sweep-progress.resolver';
import { SweepsResolver } from './inventory/sweeps.resolver';
import { NodeResolver } from './node.resolver';
import { ScheduleResolver } from './tasks/schedule.resolver';
import { TasksResolver } from './tasks/tasks.resolver';
import { TenantsResolver } from './tenancy/tenants.resolver';
import { TokensResolver } from './tenancy/tokens.resolver';
import { ViewerResolver } from './tenancy/viewer.resolver';

/** Every resolver there is: what the schema is made of. */
export const resolvers: readonly Type<unknown>[] = [
  AccessKeyUserResolver,
  AccountMutationsResolver,
  AccountSetupResolver,
  AccountsResolver,
  AssignmentsResolver,
  ChecksResolver,
  FindingFieldsResolver,
  FindingsResolver,
  IdentitiesResolver,
  IdentityFieldsResolver,
  NodeResolver,
  OrganizationsResolver,
  PasswordUserResolver,
  PolicyResolver,
  RecheckResolver,
  ScansResolver,
  ScheduleResolver,
  SweepProgressResolver,
  SweepsResolver,
  TasksResolver,
  TenantsResolver,
  TokensResolver,
  TransfersResolver,
  UnknownFieldsResolver,
  UserCredentialsResolver,
  ViewerResolver,
];

/** Types that no field names, since fields name their interface. */
export const orphanedTypes: Type<unknown>[] = [AccessKey, Password, Role, User];
