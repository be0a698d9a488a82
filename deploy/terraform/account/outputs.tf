# Written by `npm run deploy:generate` from what the program declares. Do not edit.

output "scan_role_arn" {
  value = aws_iam_role.scan.arn
}

output "cleanup_role_arn" {
  value = one(aws_iam_role.cleanup[*].arn)
}

output "restore_role_arn" {
  value = one(aws_iam_role.restore[*].arn)
}

output "notifications_role_arn" {
  value = one(aws_iam_role.notifications[*].arn)
}
