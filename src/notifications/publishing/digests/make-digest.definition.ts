import { z } from 'zod';
import { defineTask } from '../../../tasks/task-definition';

export const DIGEST_PERIODS = ['daily', 'weekly'] as const;
export type DigestPeriod = (typeof DIGEST_PERIODS)[number];

export const makeDigest = defineTask('make-digest', z.strictObject({ period: z.enum(DIGEST_PERIODS) }));
