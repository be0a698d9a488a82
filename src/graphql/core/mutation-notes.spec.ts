import { encodeId } from '../../api-id';
import { noteOf } from './mutation-notes';

const TENANT = '01935e2c-0000-7000-8000-000000000001';
const ID = '01935e2c-0000-7000-8000-000000000002';

describe('what a mutation leaves in the audit log', () => {
  it('is its name, its arguments, what came of it, and the thing that `id` names', () => {
    const args = { id: encodeId('ApiToken', TENANT, ID), name: 'x', idempotencyKey: 'k-1', at: new Date(0) };
    expect(noteOf({ operation: 'doIt', args }, { task: 't' })).toEqual({
      action: 'doIt',
      object: { type: 'api-token', id: ID },
      after: { arguments: { id: args.id, name: 'x', at: new Date(0) }, outcome: { task: 't' } },
    });
  });

  it('names no thing for an id of another kind', () => {
    const args = { id: 'unused-role' };
    expect(noteOf({ operation: 'doIt', args: args as object }, {}).object).toBeNull();
  });

  it.each([
    'secret',
    'clientSecret',
    'password',
    'token',
    'code',
    'privateKey',
    'private_key',
    'externalId',
    'authorization',
  ])('never holds the value of "%s", however deep', (name) => {
    const args = { input: [{ [name]: 'do-not-keep', deep: { [name]: ['do-not-keep'] } }], [name]: 'do-not-keep' };
    const text = JSON.stringify(noteOf({ operation: 'doIt', args: args as object }, { [name]: 'do-not-keep' }));
    expect(text).not.toContain('do-not-keep');
    expect(text).toContain('[hidden]');
  });
});
