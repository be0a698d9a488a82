import { z } from 'zod';
import { baselineDocumentSchema } from '../baseline/baseline-document';
import { API_VERSION, policyDocumentSchema } from './policy-document';

/** A name, not an address: the service serves it at `SCHEMA_PATH`, and docs/policy.schema.json is a copy. */
const SCHEMA_ID = 'urn:mothball:policy:v1';
export const SCHEMA_PATH = '/schemas/policy.json';

/**
 * The JSON Schema of policy documents, for editors and other tools. Draft 7, which all of them know. It says what
 * `readPolicyDocument` does, but for whether a cron pattern and a time zone exist.
 */
export function policyJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: SCHEMA_ID,
    title: `Mothball policy (${API_VERSION})`,
    description: 'A policy of a tenant, or the baseline of the platform.',
    type: 'object',
    required: ['apiVersion', 'kind'],
    if: { properties: { kind: { const: 'Baseline' } }, required: ['kind'] },
    then: { $ref: '#/definitions/Baseline' },
    else: { $ref: '#/definitions/Policy' },
    definitions: { Policy: definition(policyDocumentSchema), Baseline: definition(baselineDocumentSchema) },
  };
}

function definition(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return rest;
}
