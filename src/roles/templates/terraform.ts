import { ACCOUNT_ROLES, LISTING_ROLE } from './cloudformation-roles';
import {
  ACCOUNT_VARIABLES,
  accountRoles,
  HEADER,
  LISTING_VARIABLE,
  listingRole,
  LOCALS,
  outputs,
  variables,
} from './terraform-roles';

const VERSIONS = `terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}
`;

/** The files of the module for one account, by name. */
export const accountModule = (): Readonly<Record<string, string>> => ({
  'versions.tf': `${HEADER}\n${VERSIONS}`,
  'variables.tf': `${HEADER}\n${variables(ACCOUNT_VARIABLES)}`,
  'main.tf': `${HEADER}\n${LOCALS}\n${accountRoles()}`,
  'outputs.tf': `${HEADER}\n${outputs(ACCOUNT_ROLES)}`,
});

const PASSED_ON = ACCOUNT_VARIABLES.map(({ name }) => name);
const PASSED_WIDTH = Math.max('source'.length, ...PASSED_ON.map((name) => name.length));

/** CloudFormation's own parameters, for the accounts' stacks. */
const STACK_PARAMETERS = `    ExternalIdPrefix        = var.external_id_prefix
    MothballPrincipals      = join(",", var.principal_arns)
    CreateCleanupRole       = var.create_cleanup_role ? "yes" : "no"
    CreateRestoreRole       = var.create_restore_role ? "yes" : "no"
    CreateNotificationsRole = var.create_notifications_role ? "yes" : "no"
    ReadCloudTrail          = var.read_cloudtrail ? "yes" : "no"
    ScanRoleName            = var.scan_role_name
    CleanupRoleName         = var.cleanup_role_name
    RestoreRoleName         = var.restore_role_name
    NotificationsRoleName   = var.notifications_role_name
    RolePath                = var.role_path
    PermissionsBoundaryArn  = var.permissions_boundary_arn == null ? "" : var.permissions_boundary_arn`;

const STACK_SET = `# Every account that there is now or will be: Terraform has no provider for accounts that do not exist yet.
resource "aws_cloudformation_stack_set" "members" {
  name             = "mothball"
  description      = "The roles by which Mothball reads the accounts of this organization."
  permission_model = "SERVICE_MANAGED"
  call_as          = "SELF"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("\${path.module}/../../cloudformation/account.yaml")

  parameters = {
${STACK_PARAMETERS}
  }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  managed_execution {
    active = true
  }

  operation_preferences {
    failure_tolerance_percentage = 100
    max_concurrent_percentage    = 100
  }

  lifecycle {
    # AWS fills it in by itself. https://github.com/hashicorp/terraform-provider-aws/issues/23464
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_set_instance" "members" {
  stack_set_name = aws_cloudformation_stack_set.members.name

  deployment_targets {
    organizational_unit_ids = var.organizational_unit_ids
  }
}
`;

const MANAGEMENT = `# A StackSet skips the management account.
module "management" {
  source = "../account"

${PASSED_ON.map((name) => `  ${name.padEnd(PASSED_WIDTH)} = var.${name}`).join('\n')}
}
`;

/** The files of the module for a whole organization, used in its management account. */
export const organizationModule = (): Readonly<Record<string, string>> => ({
  'versions.tf': `${HEADER}\n${VERSIONS}`,
  'variables.tf': `${HEADER}\n${variables([
    {
      name: 'organizational_unit_ids',
      type: 'list(string)',
      description: 'The root (r-…) for the whole organization, or organizational units (ou-…).',
    },
    ...ACCOUNT_VARIABLES,
    LISTING_VARIABLE,
  ])}`,
  'main.tf': `${HEADER}\n${LOCALS}\n${listingRole()}\n${MANAGEMENT}\n${STACK_SET}`,
  'outputs.tf': `${HEADER}\n${outputs([LISTING_ROLE])}\noutput "management_scan_role_arn" {\n  value = module.management.scan_role_arn\n}\n`,
});
