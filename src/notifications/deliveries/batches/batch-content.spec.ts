import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { EXAMPLE_TENANT } from '../../catalogue/examples';
import { findingOpened } from '../../catalogue/events/finding.events';
import { payloadSchema } from '../../catalogue/json-schema';
import { batch } from '../../catalogue/other-messages';
import { LARGEST_PAYLOAD } from '../../catalogue/payload';
import { thin } from '../../catalogue/thin';
import { newId } from '../../../ids';
import { contentOfBatch, MOST_SHOWN } from './batch-content';

const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true }));
const isValid = ajv.compile(payloadSchema(batch, 1));
const AT = new Date('2026-11-22T13:05:00Z');

/** Of so many findings, whose reasons are so long; of the account, or of none. */
function batchOf(count: number, why: string, accountId: string | null): ReturnType<typeof contentOfBatch> {
  const facts = thin({ ...findingOpened.example, finding: { ...findingOpened.example.finding, why } });
  const parts = Array.from({ length: count }, () => ({
    ...{ id: newId(), type: findingOpened.type, at: AT, publishedAt: AT, facets: {} },
  }));
  return contentOfBatch({
    row: { tenant_id: EXAMPLE_TENANT, id: newId(), event_id: null, account_id: accountId },
    parts,
    shown: parts.slice(0, MOST_SHOWN).map((part, index) => ({
      ...part,
      ...{ tenantId: EXAMPLE_TENANT, seq: String(index + 1), objectType: 'finding', objectId: newId(), facts },
    })),
    account: accountId === null ? null : { name: 'Payments', awsAccountId: '111122223333' },
    version: 1,
    publicUrl: null,
  });
}

describe('what a batch says', () => {
  it.each([
    [1, 'Never used.', newId()],
    [3, 'Never used.', null],
    [10_000, 'Never used.', newId()],
    [10_000, '🦣'.repeat(10_000), newId()],
  ])('of %i events satisfies its schema, and stays under 20 kB', (count, why, accountId) => {
    const body = batchOf(count, why, accountId)?.body ?? '';
    const said = JSON.parse(body) as { data: { count: number; more: number; events: unknown[] } };
    expect([isValid(said), isValid.errors]).toEqual([true, null]);
    expect(Buffer.byteLength(body)).toBeLessThan(LARGEST_PAYLOAD);
    expect(said.data.count).toBe(count);
    expect(said.data.events.length).toBeGreaterThan(0);
    expect(said.data.events.length + said.data.more).toBe(count);
  });

  it('is nothing where nothing is left', () => {
    expect(batchOf(0, '', null)).toBeNull();
  });
});
