import { newId } from '../../../ids';
import { encodeId } from '../../../api-id';
import { foreignTenants } from './foreign-ids';

describe('foreign ids of a request', () => {
  const [own, other] = [newId(), newId()];
  const ours = encodeId('Account', own, newId());
  const theirs = encodeId('Account', other, newId());

  it.each([
    ['in a variable', '', { filter: { accounts: [ours, theirs] } }],
    ['in the query', `{ account(id: "${theirs}") { name } }`, null],
  ])('are found %s', (_where, query, variables) => {
    expect(foreignTenants(query, variables, own)).toEqual([other]);
  });

  it('are not one’s own, nor what only looks like an id', () => {
    expect(foreignTenants(`{ account(id: "${ours}") { name } }`, { id: 'x'.repeat(46) }, own)).toEqual([]);
    expect(foreignTenants('', { id: `${theirs}x` }, own)).toEqual([]);
  });
});
