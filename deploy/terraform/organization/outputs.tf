# Written by `npm run deploy:generate` from what the program declares. Do not edit.

output "listing_role_arn" {
  value = aws_iam_role.listing.arn
}

output "management_scan_role_arn" {
  value = module.management.scan_role_arn
}
