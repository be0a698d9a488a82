import { z } from 'zod';

/** What tenants may ask of notifications. */
export interface NotificationSettings {
  readonly endpointsPerTenant: number;
  /** As fast as one endpoint may be set to: messages in any minute. */
  readonly perMinute: number;
}

/** The variables, for the schema of `config.ts`. */
export const notificationVariables = {
  MOTHBALL_ENDPOINTS_PER_TENANT: z.coerce.number().int().min(1).max(1_000).default(50),
  MOTHBALL_DELIVERIES_PER_MINUTE: z.coerce.number().int().min(1).max(6_000).default(600),
};

export const notificationsOf = (value: z.infer<z.ZodObject<typeof notificationVariables>>): NotificationSettings => ({
  endpointsPerTenant: value.MOTHBALL_ENDPOINTS_PER_TENANT,
  perMinute: value.MOTHBALL_DELIVERIES_PER_MINUTE,
});
