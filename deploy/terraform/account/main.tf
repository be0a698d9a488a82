# Written by `npm run deploy:generate` from what the program declares. Do not edit.

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  partition   = data.aws_partition.current.partition
  account_id  = data.aws_caller_identity.current.account_id
  external_id = "${var.external_id_prefix}-${local.account_id}"
}

resource "aws_iam_role" "scan" {
  name                 = var.scan_role_name
  path                 = var.role_path
  description          = "Lets Mothball read users, roles and credentials of this account; changes nothing."
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

resource "aws_iam_role_policy" "scan" {
  name = "mothball"
  role = aws_iam_role.scan.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OnAny"
        Effect = "Allow"
        Action = [
          "iam:GenerateCredentialReport",
          "iam:GetAccessKeyLastUsed",
          "iam:GetAccountAuthorizationDetails",
          "iam:GetCredentialReport",
          "iam:GetLoginProfile",
          "iam:GetRole",
          "iam:GetUser",
          "iam:ListAccessKeys",
          "iam:ListAttachedRolePolicies",
          "iam:ListAttachedUserPolicies",
          "iam:ListGroupsForUser",
          "iam:ListInstanceProfilesForRole",
          "iam:ListRolePolicies",
          "iam:ListSSHPublicKeys",
          "iam:ListServiceSpecificCredentials",
          "iam:ListSigningCertificates",
          "iam:ListUserPolicies",
          "iam:ListUsers",
        ]
        Resource = "*"
      },
      {
        Sid    = "OnMothballRoles"
        Effect = "Allow"
        Action = [
          "iam:SimulatePrincipalPolicy",
        ]
        Resource = [
          "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${var.scan_role_name}",
          "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${var.cleanup_role_name}",
          "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${var.restore_role_name}",
        ]
      },
    ]
  })
}

resource "aws_iam_role" "cleanup" {
  count = var.create_cleanup_role ? 1 : 0

  name                 = var.cleanup_role_name
  path                 = var.role_path
  description          = "Lets Mothball quarantine and delete unused users, roles and credentials, as was agreed."
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
      {
        Sid    = "MothballSaysForWhat"
        Effect = "Allow"
        Principal = {
          AWS = var.principal_arns
        }
        Action = "sts:SetSourceIdentity"
      },
    ]
  })
}

resource "aws_iam_role_policy" "cleanup" {
  count = var.create_cleanup_role ? 1 : 0

  name = "mothball"
  role = aws_iam_role.cleanup[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OnAny"
        Effect = "Allow"
        Action = [
          "iam:GetServiceLastAccessedDetails",
        ]
        Resource = "*"
      },
      {
        Sid    = "OnGroups"
        Effect = "Allow"
        Action = [
          "iam:RemoveUserFromGroup",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:group/*"
      },
      {
        Sid    = "OnInstanceProfiles"
        Effect = "Allow"
        Action = [
          "iam:RemoveRoleFromInstanceProfile",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:instance-profile/*"
      },
      {
        Sid    = "OnMfaDevices"
        Effect = "Allow"
        Action = [
          "iam:DeleteVirtualMFADevice",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:mfa/*"
      },
      {
        Sid    = "OnRoles"
        Effect = "Allow"
        Action = [
          "iam:DeleteRole",
          "iam:DeleteRolePolicy",
          "iam:DetachRolePolicy",
          "iam:GenerateServiceLastAccessedDetails",
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListInstanceProfilesForRole",
          "iam:ListRolePolicies",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:role/*"
      },
      {
        Sid    = "OnRolesWhenBoundaryIsDenyAll"
        Effect = "Allow"
        Action = [
          "iam:DeleteRolePermissionsBoundary",
          "iam:PutRolePermissionsBoundary",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:role/*"
        Condition = {
          StringEquals = {
            "iam:PermissionsBoundary" = "arn:${local.partition}:iam::aws:policy/AWSDenyAll"
          }
        }
      },
      {
        Sid    = "OnUsers"
        Effect = "Allow"
        Action = [
          "iam:DeactivateMFADevice",
          "iam:DeleteAccessKey",
          "iam:DeleteLoginProfile",
          "iam:DeleteSSHPublicKey",
          "iam:DeleteServiceSpecificCredential",
          "iam:DeleteSigningCertificate",
          "iam:DeleteUser",
          "iam:DeleteUserPolicy",
          "iam:DetachUserPolicy",
          "iam:GenerateServiceLastAccessedDetails",
          "iam:GetAccessKeyLastUsed",
          "iam:GetLoginProfile",
          "iam:GetSSHPublicKey",
          "iam:GetUser",
          "iam:GetUserPolicy",
          "iam:ListAccessKeys",
          "iam:ListAttachedUserPolicies",
          "iam:ListGroupsForUser",
          "iam:ListMFADevices",
          "iam:ListSSHPublicKeys",
          "iam:ListServiceSpecificCredentials",
          "iam:ListSigningCertificates",
          "iam:ListUserPolicies",
          "iam:UpdateAccessKey",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:user/*"
      },
      {
        Sid    = "OnUsersWhenBoundaryIsDenyAll"
        Effect = "Allow"
        Action = [
          "iam:DeleteUserPermissionsBoundary",
          "iam:PutUserPermissionsBoundary",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:user/*"
        Condition = {
          StringEquals = {
            "iam:PermissionsBoundary" = "arn:${local.partition}:iam::aws:policy/AWSDenyAll"
          }
        }
      },
      {
        Sid    = "NeverTheseRoles"
        Effect = "Deny"
        Action = "iam:*"
        Resource = [
          "arn:${local.partition}:iam::${local.account_id}:role/aws-service-role/*",
          "arn:${local.partition}:iam::${local.account_id}:role/aws-reserved/*",
          "arn:${local.partition}:iam::${local.account_id}:role/OrganizationAccountAccessRole",
          "arn:${local.partition}:iam::${local.account_id}:role/mothball-*",
          "arn:${local.partition}:iam::${local.account_id}:role/*/mothball-*",
          "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${var.scan_role_name}",
          "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${var.cleanup_role_name}",
          "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${var.restore_role_name}",
        ]
      },
    ]
  })
}

resource "aws_iam_role" "restore" {
  count = var.create_restore_role ? 1 : 0

  name                 = var.restore_role_name
  path                 = var.role_path
  description          = "Lets Mothball make deleted users and roles again. Enable it for a restore only."
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
      {
        Sid    = "MothballSaysForWhat"
        Effect = "Allow"
        Principal = {
          AWS = var.principal_arns
        }
        Action = "sts:SetSourceIdentity"
      },
    ]
  })
}

resource "aws_iam_role_policy" "restore" {
  count = var.create_restore_role ? 1 : 0

  name = "mothball"
  role = aws_iam_role.restore[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OnGroups"
        Effect = "Allow"
        Action = [
          "iam:AddUserToGroup",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:group/*"
      },
      {
        Sid    = "OnInstanceProfiles"
        Effect = "Allow"
        Action = [
          "iam:AddRoleToInstanceProfile",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:instance-profile/*"
      },
      {
        Sid    = "OnRoles"
        Effect = "Allow"
        Action = [
          "iam:AttachRolePolicy",
          "iam:CreateRole",
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListInstanceProfilesForRole",
          "iam:ListRolePolicies",
          "iam:PutRolePolicy",
          "iam:TagRole",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:role/*"
      },
      {
        Sid    = "OnRolesWhenPassedToEc2"
        Effect = "Allow"
        Action = [
          "iam:PassRole",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:role/*"
        Condition = {
          StringEqualsIfExists = {
            "iam:PassedToService" = [
              "ec2.amazonaws.com",
              "ec2.amazonaws.com.cn",
            ]
          }
        }
      },
      {
        Sid    = "OnUsers"
        Effect = "Allow"
        Action = [
          "iam:AttachUserPolicy",
          "iam:CreateUser",
          "iam:GetAccessKeyLastUsed",
          "iam:GetLoginProfile",
          "iam:GetSSHPublicKey",
          "iam:GetUser",
          "iam:GetUserPolicy",
          "iam:ListAccessKeys",
          "iam:ListAttachedUserPolicies",
          "iam:ListGroupsForUser",
          "iam:ListMFADevices",
          "iam:ListSSHPublicKeys",
          "iam:ListServiceSpecificCredentials",
          "iam:ListSigningCertificates",
          "iam:ListUserPolicies",
          "iam:PutUserPolicy",
          "iam:TagUser",
          "iam:UpdateSSHPublicKey",
          "iam:UpdateSigningCertificate",
          "iam:UploadSSHPublicKey",
          "iam:UploadSigningCertificate",
        ]
        Resource = "arn:${local.partition}:iam::${local.account_id}:user/*"
      },
      {
        Sid    = "NeverTheseRoles"
        Effect = "Deny"
        Action = "iam:*"
        Resource = [
          "arn:${local.partition}:iam::${local.account_id}:role/aws-service-role/*",
          "arn:${local.partition}:iam::${local.account_id}:role/aws-reserved/*",
          "arn:${local.partition}:iam::${local.account_id}:role/OrganizationAccountAccessRole",
          "arn:${local.partition}:iam::${local.account_id}:role/mothball-*",
          "arn:${local.partition}:iam::${local.account_id}:role/*/mothball-*",
          "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${var.scan_role_name}",
          "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${var.cleanup_role_name}",
          "arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${var.restore_role_name}",
        ]
      },
    ]
  })
}

resource "aws_iam_role" "notifications" {
  count = var.create_notifications_role ? 1 : 0

  name                 = var.notifications_role_name
  path                 = var.role_path
  description          = "Lets Mothball publish what it has to tell to topics of SNS in this account."
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

resource "aws_iam_role_policy" "notifications" {
  count = var.create_notifications_role ? 1 : 0

  name = "mothball"
  role = aws_iam_role.notifications[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OnTopics"
        Effect = "Allow"
        Action = [
          "sns:Publish",
        ]
        Resource = "arn:${local.partition}:sns:*:${local.account_id}:*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "cloudtrail" {
  count = var.read_cloudtrail ? 1 : 0

  name = "mothball-cloudtrail"
  role = aws_iam_role.scan.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OnAny"
        Effect = "Allow"
        Action = [
          "cloudtrail:LookupEvents",
        ]
        Resource = "*"
      },
    ]
  })
}
