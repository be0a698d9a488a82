import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, stringify, visit } from 'yaml';
import { badInput } from '../../../errors';
import { type Baseline, readBaselineDocument } from '../baseline/baseline-document';
import { type PolicyDocument, readPolicyDocument } from './policy-document';
import { pathText, type Problem } from './problems';
import { closest } from './closest';

/** More than any tenant needs, and little enough that reading it costs no time worth abusing. */
export const MAX_BYTES = 256 * 1024;
const MAX_DOCUMENTS = 200;
/** Whoever has more has made one mistake many times. */
const MAX_PROBLEMS = 100;
/** Far below what would exhaust the stack. */
const MAX_DEPTH = 20;

/** What is wrong, and where in the text. */
export interface StreamProblem {
  /** Counted from 1. */
  readonly document: number;
  /** The policy's name, where it has one. */
  readonly name: string | null;
  /** `checks.unused-role.idleDays`; `document` for the whole. */
  readonly path: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

/** The policies of a YAML stream in their order; `problems` is empty when all of it is valid. */
export interface PolicyStream {
  readonly policies: readonly PolicyDocument[];
  readonly baseline: Baseline | null;
  readonly problems: readonly StreamProblem[];
}

/**
 * Reads YAML 1.2 (or JSON, which is YAML): one document a policy. No anchors, aliases, tags or other versions of YAML:
 * nobody needs them here, and they are how YAML surprises. Dates and account ids in quotes stay text. Never throws.
 */
export function readPolicyStream(text: string): PolicyStream {
  const lines = new LineCounter();
  const problems: StreamProblem[] = [];
  const policies: PolicyDocument[] = [];
  let baseline: Baseline | null = null;
  const documents = parseYaml(text, lines);
  if (typeof documents === 'string') return { policies, baseline, problems: [wholeText(documents)] };

  const names = new Set<string>();
  documents.forEach((document, index) => {
    const tell = (problem: Problem): void => {
      problems.push({ document: index + 1, name: nameOf(document), ...at(document, problem, lines) });
    };
    const before = problems.length;
    for (const { offset, message } of syntaxProblems(document)) {
      problems.push({ document: index + 1, name: null, path: 'document', ...place(offset, lines), message });
    }
    if (problems.length > before) return;
    const data: unknown = document.toJS();
    const kind = kindOf(data);
    if (kind === 'Baseline') {
      const read = readBaselineDocument(data);
      if ('problems' in read) read.problems.forEach(tell);
      else if (baseline !== null) tell({ path: ['kind'], message: 'there is more than one baseline' });
      else baseline = read.value;
    } else if (kind === 'Policy') {
      const read = readPolicyDocument(data);
      if ('problems' in read) read.problems.forEach(tell);
      else if (names.has(read.value.name)) tell(sameName(read.value.name));
      else policies.push(read.value);
      if ('value' in read) names.add(read.value.name);
    } else tell(kind);
  });
  return { policies, baseline, problems: problems.slice(0, MAX_PROBLEMS) };
}

/** @throws DomainError `BAD_INPUT` naming every bad field and its line. */
export function parsePolicyStream(text: string): Omit<PolicyStream, 'problems'> {
  const { problems, ...stream } = readPolicyStream(text);
  if (problems.length > 0) throw badInput(`The policies are not valid: ${problems.map(problemText).join('; ')}.`);
  return stream;
}

/** `line 7, ci-users: checks.unused-role.idleDays: …` */
export function problemText({ line, name, path, message }: StreamProblem): string {
  const where = [line === null ? null : `line ${line}`, name].filter((one) => one !== null).join(', ');
  return `${where}${where ? ': ' : ''}${path}: ${message}`;
}

/** The canonical text: the same documents always give the same. `schemaUrl` tells editors where the JSON Schema is. */
export function printDocuments(
  documents: readonly Pick<PolicyDocument | Baseline, 'source'>[],
  schemaUrl?: string,
): string {
  const texts = documents.map(({ source }) => stringify(source, { lineWidth: 0, aliasDuplicateObjects: false }));
  return `${schemaUrl === undefined ? '' : `${modeline(schemaUrl)}\n`}${texts.join('---\n')}`;
}

/** Editors with a YAML language server complete and check a file by it. */
const modeline = (schemaUrl: string): string => `# yaml-language-server: $schema=${schemaUrl}`;

function parseYaml(text: string, lineCounter: LineCounter): Document[] | string {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) return `it has ${bytes} bytes; at most ${MAX_BYTES} are taken`;
  try {
    // The library compares each key with all before it; `syntaxProblems` looks for duplicates in one pass.
    const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false, lineCounter } as const;
    const parsed = parseAllDocuments(text, { ...options, stringKeys: true, prettyErrors: false });
    const documents = (Array.isArray(parsed) ? parsed : []) as Document[];
    const filled = documents.filter(({ contents, errors }) => contents !== null || errors.length > 0);
    const full = filled.filter(({ contents, errors }) => errors.length > 0 || !isEmpty(contents));
    if (full.length === 0) return 'there is no document in it; begin with apiVersion: mothball/v1';
    if (full.length > MAX_DOCUMENTS) return `it has ${full.length} documents; at most ${MAX_DOCUMENTS} are taken`;
    return full;
  } catch (error) {
    if (error instanceof RangeError) return 'it is nested too deep';
    throw error;
  }
}

const isEmpty = (contents: unknown): boolean => isScalar(contents) && contents.value === null;

/** What the YAML itself must not hold. */
function syntaxProblems(document: Document): { offset: number; message: string }[] {
  const found = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    offset: pos[0],
    message: `not valid YAML: ${message.split('\n')[0] ?? ''}`,
  }));
  if (document.directives?.yaml.version !== '1.2') found.push({ offset: 0, message: 'only YAML 1.2 is taken' });
  visit(document, {
    Alias: (_key, node) => void found.push({ offset: node.range?.[0] ?? 0, message: 'aliases (*name) are not taken' }),
    Node: (_key, node, path) => {
      const offset = node.range?.[0] ?? 0;
      if ('anchor' in node && node.anchor) found.push({ offset, message: 'anchors (&name) are not taken' });
      if (node.tag) found.push({ offset, message: `tags (${node.tag}) are not taken` });
      if (path.length <= MAX_DEPTH * 2) return undefined;
      found.push({ offset, message: 'it is nested too deep' });
      return visit.BREAK;
    },
    Map: (_key, node) => {
      const keys = new Set<unknown>();
      for (const { key } of node.items) {
        const value = isScalar(key) ? key.value : key;
        const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        if (keys.has(value)) found.push({ offset, message: `"${String(value)}" is there twice` });
        keys.add(value);
      }
    },
  });
  return found;
}

function kindOf(data: unknown): 'Policy' | 'Baseline' | Problem {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) {
    return { path: [], message: 'must hold fields: apiVersion, kind, name …; put "---" between several policies' };
  }
  const kind: unknown = 'kind' in data ? data.kind : undefined;
  if (kind === 'Policy' || kind === 'Baseline') return kind;
  const nearest = typeof kind === 'string' ? closest(kind, ['Policy', 'Baseline']) : undefined;
  const meant = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return { path: ['kind'], message: `must be Policy or Baseline${meant}` };
}

const sameName = (name: string): Problem => ({ path: ['name'], message: `another policy is called ${name}, too` });

const wholeText = (message: string): StreamProblem => ({
  document: 1,
  name: null,
  path: 'document',
  line: null,
  column: null,
  message,
});

function nameOf(document: Document): string | null {
  const name: unknown = isMap(document.contents) ? document.get('name') : undefined;
  return typeof name === 'string' ? name : null;
}

function at(document: Document, { path, message }: Problem, lines: LineCounter) {
  return { path: pathText(path), ...place(offsetOf(document, path), lines), message };
}

/** Of the field's name; where the field is missing, of what should hold it. */
function offsetOf(document: Document, path: Problem['path']): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (!pair) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}

function place(offset: number, lines: LineCounter): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
