import { z } from 'zod';
import { DomainError } from './errors';

/** The operator's mail server, and as whom Mothball writes. */
export interface MailSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`); otherwise by STARTTLS. */
  readonly tls: boolean;
  /** On this very machine nothing needs to be encrypted; anywhere else STARTTLS is a must. */
  readonly loopback: boolean;
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly from: { readonly name: string; readonly address: string };
  /** The only domains that are written to; empty: any. */
  readonly domains: readonly string[];
}

/** RFC 5321: 64 before the @ and 254 in all. No quoted names, no comments, no addresses of other scripts. */
export const mailAddress = z
  .email('must be a plain address such as team@example.com')
  .max(254, 'is longer than an address may be')
  .refine((text) => text.lastIndexOf('@') <= 64, 'is longer before the @ than an address may be')
  .transform((text) => {
    const at = text.lastIndexOf('@');
    return `${text.slice(0, at)}@${text.slice(at + 1).toLowerCase()}`;
  });

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** `smtps://user:password@host:465`, or `smtp://…:587` with STARTTLS; nothing else in it, so that nothing is switched off by it. */
export const smtpUrl = z
  .string()
  .refine((text) => URL.canParse(text), 'must be an address such as smtps://user:password@mail.example.com:465')
  .transform((text) => new URL(text))
  .refine(({ protocol }) => ['smtp:', 'smtps:'].includes(protocol), 'must begin with smtps:// or smtp://')
  .refine(({ hostname }) => hostname !== '', 'must name the mail server')
  .refine(({ pathname, search, hash }) => ['', '/'].includes(pathname) && search === '' && hash === '', {
    error: 'must end with the port: no path and no options',
  })
  .refine(
    ({ username, password }) => (username === '') === (password === ''),
    'must have both user and password, or none',
  )
  .refine(({ username, password }) => isDecodable(username) && isDecodable(password), {
    error: 'must have the special characters of user and password percent-encoded',
  })
  .transform((url) => ({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (url.protocol === 'smtps:' ? 465 : 587) : Number(url.port),
    tls: url.protocol === 'smtps:',
    loopback: LOOPBACK.includes(url.hostname),
    login:
      url.username === ''
        ? null
        : { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
  }));

/** `Mothball <mothball@example.com>`, or only the address. */
export const mailFrom = z
  .string()
  .regex(/^(?:[\w .,&'()-]{1,64} <[^<>\s]+>|[^<>\s]+)$/, 'must be an address, or Mothball <mothball@example.com>')
  .transform((text, context) => {
    const named = /^(.*) <(.*)>$/.exec(text);
    const address = mailAddress.safeParse(named?.[2] ?? text);
    if (address.success) return { name: named?.[1]?.trim() ?? 'Mothball', address: address.data };
    context.addIssue('must have a plain address such as mothball@example.com');
    return z.NEVER;
  });

/** `example.com, example.org`. */
export const mailDomains = z.string().transform((text, context) => {
  const domains = text.split(/[\s,]+/).filter((part) => part !== '');
  const wrong = domains.filter((domain) => !mailAddress.safeParse(`a@${domain}`).success);
  if (wrong.length > 0) context.addIssue(`${wrong.join(', ')}: no domain; write "example.com, example.org"`);
  return domains.map((domain) => domain.toLowerCase());
});

/** The variables, for the schema of `config.ts`. */
export const mailVariables = {
  MOTHBALL_SMTP_URL: smtpUrl.optional(),
  MOTHBALL_MAIL_FROM: mailFrom.optional(),
  MOTHBALL_MAIL_DOMAINS: mailDomains.default([]),
};

/** @throws DomainError `CONFIG_INVALID` where one is there without the other. */
export function mailOf(value: z.infer<z.ZodObject<typeof mailVariables>>): MailSettings | null {
  const { MOTHBALL_SMTP_URL: server, MOTHBALL_MAIL_FROM: from, MOTHBALL_MAIL_DOMAINS: domains } = value;
  if (server !== undefined && from !== undefined) return { ...server, from, domains };
  if (server === undefined && from === undefined && domains.length === 0) return null;
  throw new DomainError(
    'CONFIG_INVALID',
    'MOTHBALL_SMTP_URL, MOTHBALL_MAIL_FROM: e-mail needs both, the mail server and whom it is from. Set the other as well.',
  );
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
