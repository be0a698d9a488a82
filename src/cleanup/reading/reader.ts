import type { IAMClient } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { isMissing } from '../../aws/errors';
import { DomainError } from '../../errors';
import { allPages } from '../../scans/collectors/marker-pages';
import { dateOrNull } from '../../scans/collectors/tracking';

interface Page {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/** One look at one user or role: its requests, and one signal that ends them all. */
export class Reader {
  constructor(
    readonly access: AccountAccess,
    readonly signal: AbortSignal,
  ) {}

  readonly send: IAMClient['send'] = ((command: never) =>
    this.access.iam.send(command, { abortSignal: this.signal })) as IAMClient['send'];

  list<P extends Page, T>(
    read: (marker: { readonly Marker?: string }) => Promise<P>,
    items: (page: P) => readonly T[] | undefined,
  ): Promise<T[]> {
    return allPages((Marker) => read(Marker === undefined ? {} : { Marker }), items);
  }
}

/** What `read` gives; null where IAM says that there is no such thing. */
export async function unlessMissing<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** @throws DomainError `AWS_INCOMPLETE` where AWS left out what it always gives: a gap is never taken for "none". */
export function given<T>(value: T | null | undefined, action: string): NonNullable<T> {
  if (value !== undefined && value !== null && value !== '') return value;
  throw incomplete(`${action} answered without what it always gives.`);
}

/** A date in whole seconds. @throws DomainError `AWS_INCOMPLETE` where there is none. */
export const givenDate = (date: Date | undefined, action: string): Date => given(dateOrNull(date), action);

/**
 * A policy document as it was saved: IAM gives it URL-encoded (RFC 3986), some endpoints plain.
 * @throws DomainError `AWS_INCOMPLETE` where it cannot be decoded.
 */
export function decodedDocument(document: string | undefined, action: string): string {
  const text = given(document, action);
  if (text.trimStart().startsWith('{')) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw incomplete(`${action} answered with a document that cannot be decoded.`, error);
  }
}

export const incomplete = (message: string, cause?: unknown): DomainError =>
  new DomainError('AWS_INCOMPLETE', message, {
    remedy: 'Nothing was done. Try again; if it stays, the endpoint leaves out what IAM always gives.',
    cause,
  });

export const sortedTexts = (texts: readonly string[]): string[] => [...texts].sort();
