import { badInput } from '../../errors';
import { tightens } from '../../findings/policies/baseline/baseline';
import type { Baseline } from '../../findings/policies/baseline/baseline-document';
import { type PolicyDocument, readPolicyDocument } from '../../findings/policies/documents/policy-document';
import { parsePolicyStream, readPolicyStream, type StreamProblem } from '../../findings/policies/documents/policy-yaml';
import { pathText } from '../../findings/policies/documents/problems';

/** What every argument `documents` takes. */
export const DOCUMENTS =
  'The policies, in their order: a YAML text (one document a policy, `---` between them), one policy as JSON, or a list of such. An unknown name in it is an error. docs/policies.md describes them.';

/** The policies that were sent, and what is wrong with them. */
export function readDocuments(documents: unknown): {
  readonly policies: readonly PolicyDocument[];
  readonly problems: readonly StreamProblem[];
} {
  if (typeof documents === 'string') {
    const { policies, baseline, problems } = readPolicyStream(documents);
    return { policies, problems: baseline ? [...problems, problem(1, null, 'kind', NO_BASELINE)] : problems };
  }
  const list: unknown[] = Array.isArray(documents) ? documents : [documents];
  const policies: PolicyDocument[] = [];
  const problems: StreamProblem[] = [];
  list.forEach((one, index) => {
    const read = readPolicyDocument(one);
    if ('value' in read) policies.push(read.value);
    else {
      problems.push(
        ...read.problems.map(({ path, message }) => problem(index + 1, nameOf(one), pathText(path), message)),
      );
    }
  });
  return { policies, problems };
}

/** Throws BAD_INPUT naming every bad field. */
export function parseDocuments(documents: unknown): readonly PolicyDocument[] {
  if (typeof documents === 'string') {
    const { policies, baseline } = parsePolicyStream(documents);
    if (baseline) throw badInput(`documents: ${NO_BASELINE}.`);
    return policies;
  }
  const { policies, problems } = readDocuments(documents);
  if (problems.length === 0) return policies;
  const told = problems.map(({ name, path, message }) => `${name === null ? '' : `${name}: `}${path}: ${message}`);
  throw badInput(`The policies are not valid: ${told.join('; ')}.`);
}

/** The same for one document. */
export function parseDocument(document: unknown): PolicyDocument {
  const documents = parseDocuments(document);
  const [only] = documents;
  if (!only || documents.length > 1) throw badInput('document: one policy is wanted.');
  return only;
}

/** Each field by which they are looser than the platform allows. */
export const looserThan = (baseline: Baseline, policies: readonly PolicyDocument[]): StreamProblem[] =>
  policies.flatMap((policy, index) =>
    tightens(baseline, policy).map(({ path, message }) => problem(index + 1, policy.name, path, message)),
  );

const NO_BASELINE = 'a baseline is the platform’s to save, by saveBaseline';

const problem = (document: number, name: string | null, path: string, message: string): StreamProblem => ({
  document,
  name,
  path,
  line: null,
  column: null,
  message,
});

function nameOf(one: unknown): string | null {
  const name: unknown = one !== null && typeof one === 'object' && 'name' in one ? one.name : null;
  return typeof name === 'string' ? name : null;
}
