import { Writer } from 'mustache';
import { TicketFailure } from '../../ticket-system';

/** What templates may name: in a list, also what each of its entries has. */
export interface Names {
  readonly plain: readonly string[];
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

export type View = Readonly<Record<string, unknown>>;

/** A token of Mustache's parser: its kind, its text, from, to, and what a section holds. */
type Token = readonly [string, string, number, number, (readonly Token[])?];

/**
 * What is wrong with a template, in words; null: nothing. Logic-less (https://mustache.github.io/mustache.5.html), and
 * only with names that are known: names, lists, and what shows when there is none. Two braces are all there is: what is
 * put in is always written for the place where it stands.
 */
export function problemOf(template: string, names: Names): string | null {
  let tokens: readonly Token[];
  try {
    tokens = new Writer().parse(template) as readonly Token[];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return firstProblem(tokens, names, []);
}

function firstProblem(tokens: readonly Token[], names: Names, inside: readonly string[]): string | null {
  for (const [kind, name, , , within] of tokens) {
    if (kind === 'text' || kind === '!') continue;
    if (kind === '&') return `"{{{${name}}}}": write two braces`;
    if (kind !== 'name' && kind !== '#' && kind !== '^')
      return `"{{${kind}${name}}}" is not taken: no partials, no other braces`;
    const list = names.lists[name];
    const known = names.plain.includes(name) || inside.includes(name) || (list !== undefined && kind !== 'name');
    if (!known) return `there is no "${name}": there are ${[...names.plain, ...Object.keys(names.lists)].join(', ')}`;
    const problem = firstProblem(within ?? [], names, kind === '#' ? [...inside, ...(list ?? [])] : inside);
    if (problem !== null) return problem;
  }
  return null;
}

/** Whether it shows that name anywhere. */
export function shows(template: string, name: string): boolean {
  const has = (tokens: readonly Token[]): boolean =>
    tokens.some(([kind, text, , , within]) => (kind !== 'text' && text === name) || has(within ?? []));
  return has(new Writer().parse(template) as readonly Token[]);
}

/** As it is, for places where text cannot be mistaken for anything else. */
export function renderText(template: string, view: View): string {
  return render(template, view, (value) => value);
}

/** For a path: what is put in is one segment, or a part of one, or of a query. */
export function renderPath(template: string, view: View): string {
  return render(template, view, (value) => {
    // Browsers and servers read "%2e%2e" as ".." as well.
    if (/^\.{1,2}$/.test(value)) throw new TicketFailure('rejected', `"${value}" cannot stand in an address.`);
    return encodeURIComponent(value);
  });
}

/** For a header. */
export function renderHeader(template: string, view: View): string {
  return render(template, view, (value) => value.replace(/[^\x20-\x7e]+/g, ' '));
}

/**
 * A document, leaf by leaf: only its texts are templates, so whatever is put in, it stays that document. A text that is
 * one name and nothing else becomes the value itself: a number stays a number.
 */
export function renderJson(document: unknown, view: View): unknown {
  if (typeof document === 'string') {
    const alone = /^\{\{\s*([A-Za-z.]+)\s*\}\}$/.exec(document)?.[1];
    const value = alone === undefined ? undefined : lookUp(view, alone);
    return typeof value === 'number' ? value : renderText(document, view);
  }
  if (Array.isArray(document)) return document.map((entry) => renderJson(entry, view));
  if (typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, renderJson(value, view)]));
}

/** The texts of a document. */
export function leavesOf(document: unknown): string[] {
  if (typeof document === 'string') return [document];
  if (typeof document !== 'object' || document === null) return [];
  return Object.values(document).flatMap(leavesOf);
}

function lookUp(view: View, name: string): unknown {
  let value: unknown = view;
  for (const part of name.split('.')) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as View)[part] : undefined;
  }
  return value;
}

// A writer of its own each time: Mustache's shared one keeps every template that it has seen.
const render = (template: string, view: View, escape: (value: string) => string): string =>
  new Writer().render(template, view, undefined, { escape: (value: unknown) => escape(String(value)) });
