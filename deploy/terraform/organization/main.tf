# Written by `npm run deploy:generate` from what the program declares. Do not edit.

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  partition   = data.aws_partition.current.partition
  account_id  = data.aws_caller_identity.current.account_id
  external_id = "${var.external_id_prefix}-${local.account_id}"
}

resource "aws_iam_role" "listing" {
  name                 = var.listing_role_name
  path                 = var.role_path
  description          = "Lets Mothball list the accounts of this organization."
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "MothballWithTheExternalId"
        Effect = "Allow"
        Principal = {
          AWS = var.principal_arns
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "sts:ExternalId" = "${local.external_id}"
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "listing" {
  name = "mothball"
  role = aws_iam_role.listing.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OnAny"
        Effect = "Allow"
        Action = [
          "organizations:DescribeOrganization",
          "organizations:ListAccounts",
          "organizations:ListAccountsForParent",
          "organizations:ListOrganizationalUnitsForParent",
          "organizations:ListRoots",
          "organizations:ListTagsForResource",
        ]
        Resource = "*"
      },
    ]
  })
}

# A StackSet skips the management account.
module "management" {
  source = "../account"

  external_id_prefix        = var.external_id_prefix
  principal_arns            = var.principal_arns
  create_cleanup_role       = var.create_cleanup_role
  create_restore_role       = var.create_restore_role
  create_notifications_role = var.create_notifications_role
  read_cloudtrail           = var.read_cloudtrail
  scan_role_name            = var.scan_role_name
  cleanup_role_name         = var.cleanup_role_name
  restore_role_name         = var.restore_role_name
  notifications_role_name   = var.notifications_role_name
  role_path                 = var.role_path
  permissions_boundary_arn  = var.permissions_boundary_arn
}

# Every account that there is now or will be: Terraform has no provider for accounts that do not exist yet.
resource "aws_cloudformation_stack_set" "members" {
  name             = "mothball"
  description      = "The roles by which Mothball reads the accounts of this organization."
  permission_model = "SERVICE_MANAGED"
  call_as          = "SELF"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${path.module}/../../cloudformation/account.yaml")

  parameters = {
    ExternalIdPrefix        = var.external_id_prefix
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
    PermissionsBoundaryArn  = var.permissions_boundary_arn == null ? "" : var.permissions_boundary_arn
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
