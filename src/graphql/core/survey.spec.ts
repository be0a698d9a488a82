import { type GraphQLSchema, parse } from 'graphql';
import { schemaOfResolvers } from '../print-schema';
import { LIMITS } from './limits';
import { type Survey, survey } from './survey';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await schemaOfResolvers();
});

const look = (query: string, variables = {}, operationName?: string): Survey | undefined =>
  survey(schema, parse(query), operationName, variables);
const costOf = (query: string, variables = {}): number => look(query, variables)?.cost ?? NaN;

const EVERYTHING = `id status severity idleDays why url firstSeenAt lastSeenAt
  check { id title severity risk rationale standards remediation { console cli } }
  account { id awsAccountId name coverage tags { key value } lastScan { id outcome finishedAt } tenant { id name } }
  identity { __typename id name arn tags { key value } lastUsed { state at region service } findings { id why status } }
  remediation { console cli } history { at what }`;

describe('what an answer may hold', () => {
  it('is one for each field, and a page for each connection', () => {
    expect(costOf('{ viewer { name role } }')).toBe(3);
    expect(costOf('{ findings(first: 20) { totalCount nodes { id why } } }')).toBe(1 + 1 + 1 + 20 * 2);
    expect(costOf('{ findings(first: 20) { edges { cursor node { id } } } }')).toBe(1 + 1 + 20 * 3);
    expect(costOf('{ findings { nodes { id } } }')).toBe(1 + 1 + 50);
  });

  it('reads the size of a page wherever it is said, and takes none beyond reason', () => {
    const query = 'query ($n: Int = 30) { findings(first: $n) { nodes { id } } }';
    expect(costOf(query)).toBe(32);
    expect(costOf(query, { n: 7 })).toBe(9);
    // Asked for again, with other values: nothing of the first is remembered.
    expect(costOf(query, { n: 200 })).toBe(202);
    expect(costOf('{ findings(last: 5) { nodes { id } } }')).toBe(7);
    for (const n of ['-5', '0', 'null', '999999999']) {
      expect(costOf(`{ findings(first: ${n}) { nodes { id } } }`)).toBeLessThanOrEqual(1_002);
    }
  });

  it('is a page of 200 with everything in it, and not two of them', () => {
    const one = costOf(`{ findings(first: 200) { nodes { ${EVERYTHING} } } }`);
    expect(one).toBeLessThan(LIMITS.cost);
    expect(2 * one).toBeGreaterThan(LIMITS.cost);
  });

  it('grows with what hangs on what, through fragments, too', () => {
    const flat = costOf('{ identities(first: 200) { nodes { findings { id history { at what } } } } }');
    const spread = costOf(
      '{ identities(first: 200) { ...P } } fragment P on IdentityConnection { nodes { ...N } } fragment N on Identity { findings { ...F } } fragment F on Finding { id history { at what } }',
    );
    expect(spread).toBe(flat);
    expect(flat).toBeGreaterThan(200 * 10 * 10);
  });

  it('is worked out at once when fragments spread each other over and over', () => {
    const fragments = Array.from({ length: 60 }, (_, n) => `fragment F${n} on Viewer { ...F${n + 1} ...F${n + 1} }`);
    const startedAt = performance.now();
    look(`{ viewer { ...F0 } } ${fragments.join(' ')} fragment F60 on Viewer { name }`);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('what an operation needs', () => {
  const needs = (query: string, variables = {}, operationName?: string): unknown[] =>
    (look(query, variables, operationName)?.needs ?? []).map(({ operation, field, path }) => [
      operation,
      field,
      path.join('.'),
    ]);

  it('is said once for each operation of the table, where it is first asked for', () => {
    expect(needs('{ a: accounts { nodes { setup { roleArn } tenant { id } } } b: tenants { totalCount } }')).toEqual([
      ['read', 'Query.accounts', 'a'],
      ['manage-accounts', 'Account.setup', 'a.nodes.setup'],
      ['read-platform', 'Query.tenants', 'b'],
    ]);
  });

  it('is that of the operation that runs', () => {
    const query = 'query A { viewer { name } } query B { tenants { totalCount } }';
    expect(needs(query, {}, 'A')).toEqual([['read', 'Query.viewer', 'viewer']]);
    expect(needs(query, {}, 'B')).toEqual([['read-platform', 'Query.tenants', 'tenants']]);
    expect(look(query)).toBeUndefined();
  });

  it('leaves out what is not included', () => {
    const query = 'query ($yes: Boolean!) { viewer { name } tenants @skip(if: $yes) { totalCount } }';
    expect(needs(query, { yes: true })).toEqual([['read', 'Query.viewer', 'viewer']]);
    expect(needs(query, { yes: false })).toContainEqual(['read-platform', 'Query.tenants', 'tenants']);
  });

  it('is nothing to read the schema', () => {
    expect(needs('{ __schema { queryType { name } } __typename }')).toEqual([]);
  });
});
