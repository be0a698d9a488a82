import { z } from 'zod';
import type { Departure } from '../../tenancy/oidc/browser-sign-in.service';

export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** 0: away with it. */
  readonly maxAgeSeconds: number;
  readonly secure: boolean;
}

/** Lax, since a browser comes back from its issuer by a link; what changes anything asks for more than the cookie. */
export const cookieText = ({ name, value, maxAgeSeconds, secure }: Cookie): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

const leaving = z.strictObject({
  issuer: z.string(),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
});

/** What a browser keeps while its person is at the issuer, and where they go afterwards. */
export type Leaving = Departure & { readonly returnTo: string };

export const packed = (one: Leaving): string => Buffer.from(JSON.stringify(one)).toString('base64url');

export function unpacked(text: string | undefined): Leaving | null {
  if (text === undefined) return null;
  try {
    const read = leaving.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return read.success ? { ...read.data, returnTo: ownPath(read.data.returnTo) } : null;
  } catch {
    return null;
  }
}

/** One of our pages; never another site's. */
export const ownPath = (text: unknown): string =>
  typeof text === 'string' && /^\/(graphql|invitation\?code=[\w-]{1,100})$/.test(text) ? text : '/';
