import { allPages } from './marker-pages';

interface FakePage {
  IsTruncated?: boolean;
  Marker?: string;
  items?: number[];
}

const readAll = (pages: Record<string, FakePage>): Promise<number[]> =>
  allPages(
    (marker) => Promise.resolve(pages[marker ?? 'first'] ?? {}),
    (page: FakePage) => page.items,
  );

describe('pages of IAM', () => {
  it('are followed to the end, empty ones too', async () => {
    const pages = {
      first: { items: [1], IsTruncated: true, Marker: 'a' },
      a: { items: [], IsTruncated: true, Marker: 'b' },
      b: { items: [2], IsTruncated: false },
    };
    await expect(readAll(pages)).resolves.toEqual([1, 2]);
  });

  it('are followed by marker alone where the endpoint leaves out IsTruncated', async () => {
    await expect(readAll({ first: { items: [1], Marker: 'a' }, a: { items: [2] } })).resolves.toEqual([1, 2]);
  });

  it('fail when a truncated page does not say where it goes on', async () => {
    await expect(readAll({ first: { items: [1], IsTruncated: true } })).rejects.toMatchObject({ code: 'AWS_ERROR' });
  });

  it('fail when the same page comes again and again', async () => {
    const again = { items: [1], IsTruncated: true, Marker: 'a' };
    await expect(readAll({ first: again, a: again })).rejects.toMatchObject({ code: 'AWS_ERROR' });
  });

  it('fail when they lead round in circles', async () => {
    const pages = {
      first: { IsTruncated: true, Marker: 'a' },
      a: { items: [1], IsTruncated: true, Marker: 'b' },
      b: { items: [2], IsTruncated: true, Marker: 'a' },
    };
    await expect(readAll(pages)).rejects.toMatchObject({ code: 'AWS_ERROR' });
  });
});
