import { DomainError } from '../../errors';

interface Page {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/**
 * IAM's pages: a page may hold fewer than asked for, even none, and still be followed by another. The SDK's paginators
 * end silently where a truncated page names no next one, or the same again; here that is an error, since what would be
 * missing could be taken for absent.
 * @param read gets one page; `undefined` is the first.
 */
export async function* markerPages<P extends Page>(
  read: (marker: string | undefined) => Promise<P>,
): AsyncGenerator<P> {
  let marker: string | undefined;
  for (;;) {
    const page = await read(marker);
    yield page;
    if (!page.IsTruncated && !page.Marker) return;
    if (page.IsTruncated === false) return;
    if (!page.Marker || page.Marker === marker) {
      throw new DomainError('AWS_ERROR', 'AWS said that a list goes on, but not where: it is incomplete.', {
        retryable: true,
        remedy: 'Scan again; if it stays, the endpoint does not page as IAM does.',
      });
    }
    marker = page.Marker;
  }
}

/** All items of a list, over all its pages. */
export async function allPages<P extends Page, T>(
  read: (marker: string | undefined) => Promise<P>,
  items: (page: P) => readonly T[] | undefined,
): Promise<T[]> {
  const all: T[] = [];
  for await (const page of markerPages(read)) all.push(...(items(page) ?? []));
  return all;
}
