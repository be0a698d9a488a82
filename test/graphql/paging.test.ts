import fc from 'fast-check';
import { aKey, aUser, AT, credentials, daysAgo, never } from '../../src/scans/test-inventory';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: FindingOrder, $filter: FindingFilter) {
  findings(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, filter: $filter) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const ORDERS = ['IDLE_DAYS_DESC', 'SEVERITY_DESC', 'FIRST_SEEN_DESC', 'ACCOUNT_ASC'] as const;

let app: TestApp;
let build: Builders;
let tenant: BuiltTenant;

beforeAll(async () => {
  app = await startTestApp();
  build = builders(app.app);
  tenant = await build.tenant();
  // Most findings tie: the same age, the same account, the same second.
  for (const name of ['a', 'a', 'b']) {
    await build.inventory(await build.account(tenant.id, { name }), {
      at: AT,
      users: Array.from({ length: 5 }, (_, index) =>
        aUser({
          name: `user-${index}`,
          uniqueId: `AIDAX${index}`,
          credentials: credentials({
            accessKeys: [aKey({ createdAt: daysAgo(index < 3 ? 400 : 300 + index), lastUsed: never })],
          }),
        }),
      ),
    });
  }
});
afterAll(() => app.stop());

const page = async (args: object): Promise<Page> =>
  (await app.get<{ findings: Page }>(tenant.token, PAGE, args)).findings;
const idsOf = ({ edges }: Page): string[] => edges.map(({ node }) => node.id);

async function walk(size: number, orderBy: string, backwards: boolean): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  for (;;) {
    const part = await page(
      backwards ? { last: size, before: cursor, orderBy } : { first: size, after: cursor, orderBy },
    );
    if (backwards) found.unshift(...idsOf(part));
    else found.push(...idsOf(part));
    const more = backwards ? part.pageInfo.hasPreviousPage : part.pageInfo.hasNextPage;
    if (!more) return found;
    cursor = backwards ? part.pageInfo.startCursor : part.pageInfo.endCursor;
  }
}

const codeOf = async (args: object): Promise<unknown> =>
  (await app.ask(tenant.token, PAGE, args)).errors[0]?.extensions?.['code'];

describe('walking through a list', () => {
  it.each(ORDERS)('shows each finding once, in either direction, at any size, ties or not: %s', async (orderBy) => {
    const all = idsOf(await page({ first: 200, orderBy }));
    expect(all.length).toBeGreaterThan(25);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.boolean(), async (size, backwards) => {
        expect(await walk(size, orderBy, backwards)).toEqual(all);
      }),
      { numRuns: 8 },
    );
  });

  it('says truly whether there is more on either side', async () => {
    const first = await page({ first: 3 });
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await page({ first: 3, after: first.pageInfo.endCursor });
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const back = await page({ last: 3, before: second.pageInfo.startCursor });
    expect(idsOf(back)).toEqual(idsOf(first));
  });

  it('has nothing to show, and no cursors, where nothing matches', async () => {
    const nothing = await page({ filter: { name: { in: ['nobody'] } } });
    expect(nothing).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });
});

describe('a cursor', () => {
  it('holds for the list, filter and order that gave it', async () => {
    const { pageInfo } = await page({ first: 1 });
    expect(await codeOf({ after: pageInfo.endCursor, orderBy: 'SEVERITY_DESC' })).toBe('BAD_INPUT');
    expect(await codeOf({ after: pageInfo.endCursor, filter: { status: ['OPEN'] } })).toBe('BAD_INPUT');
    expect(await codeOf({ after: pageInfo.endCursor })).toBeUndefined();
  });

  it('of one tenant is none of another', async () => {
    const other = await build.tenant();
    const { pageInfo } = await page({ first: 1 });
    const { errors } = await app.ask(other.token, PAGE, { after: pageInfo.endCursor });
    expect(errors[0]?.extensions?.['code']).toBe('BAD_INPUT');
  });

  it('that is crooked is BAD_INPUT, never a failure of ours', async () => {
    const { pageInfo } = await page({ first: 1 });
    const [version, hash, values] = JSON.parse(Buffer.from(pageInfo.endCursor ?? '', 'base64url').toString()) as [
      number,
      string,
      string[],
    ];
    const forged = values.map(() => "x' OR 1=1 --");
    const crooked = ['', 'x', '{}', JSON.stringify([version, hash, forged]), JSON.stringify([version, hash, []])];
    for (const text of crooked) {
      expect(await codeOf({ after: Buffer.from(text).toString('base64url') })).toBe('BAD_INPUT');
    }
  });
});

describe('a page', () => {
  it.each([{ first: 0 }, { first: -1 }, { first: 201 }, { last: 0 }, { first: 1, last: 1 }])(
    'of %j is refused',
    async (args) => {
      expect(await codeOf(args)).toBe('BAD_INPUT');
    },
  );
});
