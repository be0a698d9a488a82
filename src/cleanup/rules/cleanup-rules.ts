import { z } from 'zod';

export const WEEKDAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;

const days = (most: number, least = 1) => z.int().min(least).max(most);
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:00');

/** The bounds of clean-up. The tenant's own may only be stricter than what the platform lets it have. */
export const cleanupRulesSchema = z.strictObject({
  /** How long each kind stays in quarantine before it is deleted. Never under a day: last use lags by four hours. */
  graceDays: z.strictObject({ accessKey: days(400), password: days(400), user: days(400), role: days(400) }),
  /** How long a user's keys are inactive before it is deleted. */
  silenceHours: z
    .int()
    .min(24)
    .max(24 * 90),
  /** How often what is in quarantine is looked at. */
  watchEveryHours: z.int().min(1).max(24),
  /** Of what policies do by themselves: for each account and kind, in any so many days. */
  automatic: z.strictObject({
    percent: z.number().min(0).max(100),
    most: z.int().min(0).max(10_000),
    days: days(400),
  }),
  /** Of what people approved. */
  approved: z.strictObject({ perExecution: z.int().min(1).max(10_000), perPlanAndDay: z.int().min(1).max(100_000) }),
  approvals: z.strictObject({
    needed: z.int().min(1).max(5),
    /** From so many items on … */
    largeFrom: z.int().min(1).nullable(),
    /** … so many approvals. */
    neededWhenLarge: z.int().min(1).max(5),
    /** `key` or `key=value` of an account or identity; a plan that holds one … */
    productionTags: z.array(z.string().min(1)).max(50),
    /** … needs so many. */
    neededForProduction: z.int().min(1).max(5),
  }),
  /** How long a proposed plan waits for its approvals, and an approved one for its end. */
  planLapsesAfterDays: days(90),
  /** When something may be done; empty: at any time. Looking and giving back are never bound to it. */
  changeWindows: z
    .array(
      z.strictObject({
        weekdays: z.array(z.enum(WEEKDAYS)).min(1),
        from: clockTime,
        to: clockTime,
        timeZone: z.string(),
      }),
    )
    .max(20),
  managedAsCode: z.strictObject({
    /** `key` or `key=value`, `*` at the end of either. */
    tags: z.array(z.string().min(1)).max(100),
    /** Of path and name. */
    patterns: z.array(z.string().min(1)).max(100),
  }),
  /** How long what is needed to bring something back is kept. */
  snapshotDays: z.int().min(30).max(3650),
  /** How long what showed life is left alone. */
  exemptAfterLifeDays: z.int().min(1).max(400),
  /** So many unexpected errors among so many items halt a plan. */
  breaker: z.strictObject({ unexpected: z.int().min(1).max(100), of: z.int().min(1).max(10_000) }),
});

export type CleanupRules = z.output<typeof cleanupRulesSchema>;

/** Tags and names by which CloudFormation, CDK and Terraform mark what they manage, as far as they mark it at all. */
export const defaultRules: CleanupRules = {
  graceDays: { accessKey: 7, password: 7, user: 7, role: 35 },
  silenceHours: 24,
  watchEveryHours: 6,
  automatic: { percent: 2, most: 25, days: 7 },
  approved: { perExecution: 25, perPlanAndDay: 500 },
  approvals: { needed: 1, largeFrom: null, neededWhenLarge: 2, productionTags: [], neededForProduction: 1 },
  planLapsesAfterDays: 14,
  changeWindows: [],
  managedAsCode: {
    tags: [
      'aws:cloudformation:*',
      'aws:cdk:*',
      'aws-cdk:*',
      'terraform',
      'Terraform',
      'terraform:*',
      'managed-by=terraform*',
      'ManagedBy=Terraform*',
      'managed_by=terraform*',
      'pulumi:*',
    ],
    patterns: [
      '*/cdk-*',
      '*-CloudFormation*',
      '*AWSCloudFormationStackSet*',
      '*/stacksets-exec-*',
      '*/aws-controltower*',
      '*/AWSControlTower*',
    ],
  },
  snapshotDays: 400,
  exemptAfterLifeDays: 90,
  breaker: { unexpected: 3, of: 50 },
};
