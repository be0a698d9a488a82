import type { MessageWords } from '../channels/message';
import type { Subjects } from './subjects';

type Fact = MessageWords['facts'][number];

const KINDS = { user: 'user', role: 'role', password: 'password of', 'access-key': 'access key' } as const;

/** "access key AKIA…", "password of alice". */
export const the = ({ kind, name }: Subjects['item']['identity']): string => `${KINDS[kind]} ${name}`;

/** "123456789012 (Payments)". */
export const inAccount = ({ awsAccountId, name }: Subjects['account']['account']): string =>
  name === '' || name === awsAccountId ? awsAccountId : `${awsAccountId} (${name})`;

/** "2026-11-22 13:05 UTC". */
export const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** Sentences; what is missing is left out. */
export const sentences = (...parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null && part !== '').join(' ');

/** What is null is left out. */
export const facts = (of: Readonly<Record<string, string | null>>): Fact[] =>
  Object.entries(of).flatMap(([name, value]) => (value === null || value === '' ? [] : [{ name, value }]));

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
