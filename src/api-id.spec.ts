import fc from 'fast-check';
import { DomainError } from './errors';
import { encodeId, readId, readIdOf, readIdsOf } from './api-id';

const kinds = fc.constantFrom(
  'Tenant' as const,
  'Account' as const,
  'Identity' as const,
  'Finding' as const,
  'Task' as const,
);
const uuids = fc.uuid();

describe('ids of the API', () => {
  it('carry kind, tenant and id, and nothing is lost', () => {
    fc.assert(
      fc.property(kinds, uuids, uuids, (kind, tenantId, id) => {
        expect(readId(encodeId(kind, tenantId, id), 'id')).toEqual({ kind, tenantId, id });
      }),
    );
  });

  it('are one text each: no two things share one, no thing has two', () => {
    fc.assert(
      fc.property(fc.tuple(kinds, uuids, uuids), fc.tuple(kinds, uuids, uuids), (one, other) => {
        expect(encodeId(...one) === encodeId(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it('refuse whatever this API has not made, naming the argument', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        expect(refusalOf(() => readId(text, 'filter.accounts[0]'))).toEqual({
          code: 'BAD_INPUT',
          message: expect.stringMatching(/^filter\.accounts\[0\]: /) as string,
        });
      }),
    );
    const id = encodeId('Account', '00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-000000000001');
    for (const crooked of [`${id}=`, ` ${id}`, id.slice(0, -1), `B${id.slice(1)}`, `${id}A`]) {
      expect(refusalOf(() => readId(crooked, 'id'))).toMatchObject({ code: 'BAD_INPUT' });
    }
  });

  it('of another kind are refused, saying which kind is wanted', () => {
    const account = encodeId('Account', '00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-000000000001');
    expect(() => readIdOf('Finding', account, 'id')).toThrow(
      "id: this is the id of an Account; a Finding's is wanted.",
    );
    expect(() => readIdsOf('Scan', [account], 'ids')).toThrow('ids[0]');
    expect(readIdsOf('Scan', null, 'ids')).toBeUndefined();
  });
});

function refusalOf(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('It was not refused.');
}
