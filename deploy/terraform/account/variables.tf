# Written by `npm run deploy:generate` from what the program declares. Do not edit.

variable "external_id_prefix" {
  type        = string
  description = "As Mothball says. The external id is this, a hyphen and the number of the account."
}

variable "principal_arns" {
  type        = list(string)
  description = "ARNs of the users, roles or accounts as which Mothball calls AWS."
}

variable "create_cleanup_role" {
  type        = bool
  description = "Whether Mothball may quarantine and delete here what was agreed to."
  default     = false
}

variable "create_restore_role" {
  type        = bool
  description = "Whether Mothball may make deleted users and roles again: true only while it is needed."
  default     = false
}

variable "create_notifications_role" {
  type        = bool
  description = "Whether Mothball may publish what it has to tell to topics of SNS in this account."
  default     = false
}

variable "read_cloudtrail" {
  type        = bool
  description = "Whether Mothball may look in CloudTrail for use of what is in quarantine."
  default     = false
}

variable "scan_role_name" {
  type        = string
  description = "The role that reads."
  default     = "mothball-scan"
}

variable "cleanup_role_name" {
  type        = string
  description = "The role that quarantines and deletes."
  default     = "mothball-cleanup"
}

variable "restore_role_name" {
  type        = string
  description = "The role that makes again what was deleted."
  default     = "mothball-restore"
}

variable "notifications_role_name" {
  type        = string
  description = "The role that publishes to topics of SNS."
  default     = "mothball-notifications"
}

variable "role_path" {
  type        = string
  description = "The path of the roles. Begins and ends with a slash."
  default     = "/"
}

variable "permissions_boundary_arn" {
  type        = string
  description = "A permissions boundary for the roles, where new roles must have one."
  default     = null
}
