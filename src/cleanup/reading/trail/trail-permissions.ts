/** What looking in CloudTrail needs; an account may leave it out. */
export const trailPermissions = ['cloudtrail:LookupEvents'];
