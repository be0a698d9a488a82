import { createHash, randomBytes } from 'node:crypto';

/** A secret whose holder is believed: 256 random bits, behind a prefix that says what it is. Shown once, kept as its hash. */
export const newBearerSecret = (prefix = ''): string => `${prefix}${randomBytes(32).toString('base64url')}`;

/** What is kept of it: SHA-256 without salt or slowness, since 256 random bits cannot be guessed. */
export const hashOfSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();
