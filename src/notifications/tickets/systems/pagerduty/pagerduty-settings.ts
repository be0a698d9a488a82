import { z } from 'zod';
import { originSetting } from '../parts/addresses';

const severity = z.enum(['critical', 'error', 'warning', 'info']);

export const pagerDutySettings = z.strictObject({
  /** `https://events.eu.pagerduty.com` for accounts of the service region EU. */
  events: originSetting.default('https://events.pagerduty.com'),
  /** `https://api.eu.pagerduty.com` for these; only asked with an API token. */
  api: originSetting.default('https://api.pagerduty.com'),
  /** What PagerDuty shows as the affected system. */
  source: z.string().trim().min(1).max(255).default('mothball'),
  component: z.string().trim().min(1).max(255).optional(),
  severities: z
    .strictObject({ low: severity, medium: severity, high: severity, critical: severity })
    .default({ low: 'info', medium: 'warning', high: 'error', critical: 'critical' }),
  /** The user in whose name notes are written; with an API token only. */
  from: z.email().max(255).optional(),
});

export const pagerDutyCredential = z.strictObject({
  routingKey: z.string().regex(/^[A-Za-z0-9]{32}$/, 'must be the integration key of 32 characters'),
  /** A key of the REST API, to read incidents and write notes. */
  apiToken: z
    .string()
    .min(10)
    .max(500)
    .regex(/^[\x21-\x7e]+$/, 'must be the API key and nothing else')
    .optional(),
});

export type PagerDutySettings = z.infer<typeof pagerDutySettings>;
export type PagerDutyCredential = z.infer<typeof pagerDutyCredential>;
