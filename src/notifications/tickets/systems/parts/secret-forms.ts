import type { TicketRequest } from './ticket-http';

/** Names in lower case of what carries a credential: https://www.rfc-editor.org/rfc/rfc9110#name-authorization, ServiceNow's */
const CREDENTIAL_HEADERS: readonly string[] = ['authorization', 'x-sn-apikey'];
const ENTITIES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/**
 * A text without the secrets of the request that it answers: without the credential, and without the header that it went
 * out in, which proxies and debug pages show (`Basic` and base64, for example), in whatever way those escape it.
 */
export function withoutSecrets(text: string, { secrets, headers }: Pick<TicketRequest, 'secrets' | 'headers'>): string {
  const sent = Object.entries(headers).filter(([name]) => CREDENTIAL_HEADERS.includes(name.toLowerCase()));
  const all = new Set([...secrets, ...sent.flatMap(([, value]) => partsOf(value))].filter((secret) => secret !== ''));
  // The longest first: of one that is part of another nothing else may be left.
  const longestFirst = [...all].sort((one, other) => other.length - one.length);
  return longestFirst.reduce((rest, secret) => rest.replaceAll(inAnyForm(secret), '***'), text);
}

/** The whole value, its credential (`Basic dXNlcjpw…`, `Bearer …`, `Token token=…`), and what `Basic` stands for. */
function partsOf(value: string): string[] {
  const [scheme = '', ...rest] = value.split(' ');
  const last = rest.at(-1) ?? '';
  const named = /^\w+="?([^="].*?)"?$/.exec(last)?.[1] ?? '';
  const login = scheme.toLowerCase() === 'basic' ? Buffer.from(last, 'base64').toString('utf8') : '';
  return [value, last, named, login, login.slice(login.indexOf(':') + 1)];
}

/** As it is, or escaped as in JSON, in an address or in HTML, each character in its own way. */
function inAnyForm(secret: string): RegExp {
  return new RegExp(
    [...secret].map((character) => (/[a-z0-9]/i.test(character) ? character : formsOf(character))).join(''),
    'g',
  );
}

function formsOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const units = character.split('').map((unit) => `\\\\u${anyCase(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`);
  const bytes = [...Buffer.from(character, 'utf8')].map((byte) => `%${anyCase(byte.toString(16).padStart(2, '0'))}`);
  const entity = ENTITIES[character];
  const forms = [
    `\\\\?${literal(character)}`,
    units.join(''),
    bytes.join(''),
    `&#0*${code};`,
    `&#[xX]0*${anyCase(code.toString(16))};`,
    ...(entity === undefined ? [] : [`&${entity};`]),
    // In a form, a space.
    ...(character === ' ' ? ['\\+'] : []),
  ];
  return `(?:${forms.join('|')})`;
}

/** One character, as itself in a pattern. */
const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

const anyCase = (hex: string): string => hex.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
