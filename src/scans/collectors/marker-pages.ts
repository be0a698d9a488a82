import { DomainError } from '../../errors';

interface Page {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/** Ten times what an account at IAM's quotas (5,000 users, 5,000 roles) has, were there one item on each page. */
const MOST_PAGES = 100_000;

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
  const followed = new Set<string>();
  for (;;) {
    const page = await read(marker);
    yield page;
    if (!page.IsTruncated && !page.Marker) return;
    if (page.IsTruncated === false) return;
    // A marker that comes again, at once or later, would lead round in circles for ever.
    if (!page.Marker || followed.has(page.Marker) || followed.size >= MOST_PAGES) {
      throw new DomainError('AWS_ERROR', 'AWS said that a list goes on, but not where: it is incomplete.', {
        retryable: true,
        remedy: 'Scan again; if it stays, the endpoint does not page as IAM does.',
      });
    }
    marker = page.Marker;
    followed.add(marker);
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
