import type { Type } from '@nestjs/common';
import { AccountMutationsResolver } from './accounts/account-mutations.resolver';
import { AccountSetupResolver } from './accounts/account-setup.resolver';
import { AccountsResolver } from './accounts/accounts.resolver';
import { AssignmentsResolver } from './accounts/assignments.resolver';
import { OrganizationsResolver } from './accounts/organizations.resolver';
import { TransfersResolver } from './accounts/transfers.resolver';
import { CleanupPauseResolver } from './cleanup/cleanup-pause.resolver';
import { CleanupRulesResolver } from './cleanup/cleanup-rules.resolver';
import { FindingCleanupResolver, IdentityCleanupResolver } from './cleanup/cleanup-of-findings.resolver';
import { ExecutionsResolver } from './cleanup/executions.resolver';
import { PlanChangesResolver } from './cleanup/plan-changes.resolver';
import { PlanItemMutationsResolver } from './cleanup/plan-item-mutations.resolver';
import {
  PlanItemOutlookResolver,
  PlanItemsResolver,
  PlanItemStepResolver,
  PlanItemSubjectResolver,
  PlanItemWorkResolver,
} from './cleanup/plan-items.resolver';
import { PlanDecisionsResolver, PlanMutationsResolver } from './cleanup/plan-mutations.resolver';
import { PlanApprovalsResolver, PlanFieldsResolver, PlanPaceResolver, PlansResolver } from './cleanup/plans.resolver';
import { RestorePreviewResolver, RestoresResolver } from './cleanup/restores.resolver';
import { ExemptionMutationsResolver } from './exemptions/exemption-mutations.resolver';
import { ExemptionPreviewResolver } from './exemptions/exemption-preview.resolver';
import {
  AppliedExemptionOwnerResolver,
  ExemptionOwnerResolver,
  ExemptionsResolver,
  FindingExemptionResolver,
} from './exemptions/exemptions.resolver';
import { AuditLogResolver } from './audit-log/audit-log.resolver';
import { ChecksResolver } from './findings/checks.resolver';
import { FindingFieldsResolver, UnknownFieldsResolver } from './findings/finding-fields.resolver';
import { FindingsResolver } from './findings/findings.resolver';
import { RecheckResolver } from './findings/recheck.resolver';
import { AccessKeyUserResolver, PasswordUserResolver, UserCredentialsResolver } from './inventory/credentials.resolver';
import { IdentitiesResolver } from './inventory/identities.resolver';
import { IdentityFieldsResolver } from './inventory/identity-fields.resolver';
import { AccessKey, Password, Role, User } from './inventory/identity.type';
import { ScansResolver } from './inventory/scans.resolver';
import { SweepProgressResolver } from './inventory/sweep-progress.resolver';
import { SweepsResolver } from './inventory/sweeps.resolver';
import { NodeResolver } from './node.resolver';
import { DeliveriesResolver, DeliveryFieldsResolver } from './notifications/deliveries/deliveries.resolver';
import { DeliveryMutationsResolver } from './notifications/deliveries/delivery-mutations.resolver';
import { EndpointMutationsResolver } from './notifications/endpoints/endpoint-mutations.resolver';
import { EndpointsResolver } from './notifications/endpoints/endpoints.resolver';
import { EventsResolver, PublishedEventFieldsResolver } from './notifications/events/events.resolver';
import { TicketSystemMutationsResolver } from './notifications/tickets/ticket-system-mutations.resolver';
import { TicketSystemsResolver } from './notifications/tickets/ticket-systems.resolver';
import {
  FindingTicketsResolver,
  TicketFieldsResolver,
  TicketsResolver,
} from './notifications/tickets/tickets.resolver';
import { OwnerRulesResolver, ReassignmentsResolver } from './owners/owner-rules.resolver';
import { FindingOwnerResolver, OwnersResolver } from './owners/owners.resolver';
import { BaselineResolver } from './policies/baseline.resolver';
import { EffectivePoliciesResolver } from './policies/effective-policies.resolver';
import { PoliciesResolver } from './policies/policies.resolver';
import { PolicyAgreementsResolver } from './policies/policy-agreements.resolver';
import { PolicyDocumentsResolver } from './policies/policy-documents.resolver';
import { PolicyMutationsResolver } from './policies/policy-mutations.resolver';
import { PolicyPreviewChangeResolver, PolicyPreviewsResolver } from './policies/policy-previews.resolver';
import { RunPolicyResolver } from './policies/run-policy.resolver';
import { TenantSettingsResolver } from './policies/tenant-settings.resolver';
import { ScheduleResolver } from './tasks/schedule.resolver';
import { TasksResolver } from './tasks/tasks.resolver';
import { InvitationsResolver } from './tenancy/invitations.resolver';
import { PeopleResolver } from './tenancy/people.resolver';
import { TenantsResolver } from './tenancy/tenants.resolver';
import { TokensResolver } from './tenancy/tokens.resolver';
import { ViewerResolver } from './tenancy/viewer.resolver';
import { WaitingResolver } from './tenancy/waiting/waiting.resolver';

/** Every resolver there is: what the schema is made of. */
export const resolvers: readonly Type<unknown>[] = [
  AccessKeyUserResolver,
  AccountMutationsResolver,
  AccountSetupResolver,
  AccountsResolver,
  AppliedExemptionOwnerResolver,
  AssignmentsResolver,
  AuditLogResolver,
  BaselineResolver,
  ChecksResolver,
  CleanupPauseResolver,
  CleanupRulesResolver,
  DeliveriesResolver,
  DeliveryFieldsResolver,
  DeliveryMutationsResolver,
  EffectivePoliciesResolver,
  EndpointMutationsResolver,
  EndpointsResolver,
  EventsResolver,
  ExecutionsResolver,
  ExemptionMutationsResolver,
  ExemptionOwnerResolver,
  ExemptionPreviewResolver,
  ExemptionsResolver,
  FindingCleanupResolver,
  FindingExemptionResolver,
  FindingFieldsResolver,
  FindingOwnerResolver,
  FindingTicketsResolver,
  FindingsResolver,
  IdentitiesResolver,
  IdentityCleanupResolver,
  IdentityFieldsResolver,
  InvitationsResolver,
  NodeResolver,
  OrganizationsResolver,
  OwnerRulesResolver,
  OwnersResolver,
  PasswordUserResolver,
  PeopleResolver,
  PlanApprovalsResolver,
  PlanChangesResolver,
  PlanDecisionsResolver,
  PlanFieldsResolver,
  PlanItemMutationsResolver,
  PlanItemOutlookResolver,
  PlanItemStepResolver,
  PlanItemSubjectResolver,
  PlanItemWorkResolver,
  PlanItemsResolver,
  PlanMutationsResolver,
  PlanPaceResolver,
  PlansResolver,
  PoliciesResolver,
  PolicyAgreementsResolver,
  PolicyDocumentsResolver,
  PolicyMutationsResolver,
  PolicyPreviewChangeResolver,
  PolicyPreviewsResolver,
  PublishedEventFieldsResolver,
  ReassignmentsResolver,
  RecheckResolver,
  RestorePreviewResolver,
  RestoresResolver,
  RunPolicyResolver,
  ScansResolver,
  ScheduleResolver,
  SweepProgressResolver,
  SweepsResolver,
  TasksResolver,
  TenantSettingsResolver,
  TenantsResolver,
  TicketFieldsResolver,
  TicketSystemMutationsResolver,
  TicketSystemsResolver,
  TicketsResolver,
  TokensResolver,
  TransfersResolver,
  UnknownFieldsResolver,
  UserCredentialsResolver,
  ViewerResolver,
  WaitingResolver,
];

/** Types that no field names, since fields name their interface. */
export const orphanedTypes: Type<unknown>[] = [AccessKey, Password, Role, User];
