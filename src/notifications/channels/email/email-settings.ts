import { z } from 'zod';
import { mailAddress } from '../../../mail-settings';

const MOST = 20;

/** Who gets the mail, all by one and the same: they see each other's addresses. */
export const emailSettings = z.strictObject({
  recipients: z
    .array(mailAddress)
    .min(1, 'needs at least one address')
    .max(MOST, `may have ${MOST} addresses; for more use the address of a group`)
    .refine((list) => new Set(list.map((address) => address.toLowerCase())).size === list.length, {
      error: 'has an address twice',
    }),
});

export type EmailSettings = z.output<typeof emailSettings>;
