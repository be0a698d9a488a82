import { hashOf } from './canonical';
import type { PolicyDocument } from './policy-document';

/** One field whose value is another one. Values are plain JSON; null: none. */
export interface FieldChange {
  /** `checks.unused-role.idleDays` */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What became of one policy. Positions count from 1. */
export type PolicyChange =
  | { readonly kind: 'added'; readonly name: string; readonly position: number }
  | { readonly kind: 'removed'; readonly name: string; readonly position: number }
  | { readonly kind: 'moved'; readonly name: string; readonly from: number; readonly to: number }
  | {
      readonly kind: 'changed';
      readonly name: string;
      readonly fields: readonly FieldChange[];
      /** False: written in another way, with the same meaning. */
      readonly hasEffect: boolean;
    };

/**
 * What turns one ordered list of policies into another, by their meaning: a change of profile shows what it changes.
 * Empty exactly when both are written alike. Moves are the fewest that explain the new order.
 */
export function diffPolicies(before: readonly PolicyDocument[], after: readonly PolicyDocument[]): PolicyChange[] {
  const old = new Map(before.map((document, index) => [document.name, { document, position: index + 1 }]));
  const now = new Set(after.map(({ name }) => name));
  const changes: PolicyChange[] = [];
  for (const [name, { position }] of old) if (!now.has(name)) changes.push({ kind: 'removed', name, position });
  const stayed = new Set(inOrder(after.flatMap(({ name }) => old.get(name)?.position ?? [])));
  after.forEach((document, index) => {
    const { name } = document;
    const was = old.get(name);
    if (!was) {
      changes.push({ kind: 'added', name, position: index + 1 });
      return;
    }
    if (!stayed.has(was.position)) changes.push({ kind: 'moved', name, from: was.position, to: index + 1 });
    const change = diffPolicy(was.document, document);
    if (change) changes.push(change);
  });
  return changes;
}

function diffPolicy(before: PolicyDocument, after: PolicyDocument): PolicyChange | null {
  const fields = fieldChanges(meaning(before), meaning(after));
  if (fields.length > 0) return { kind: 'changed', name: after.name, fields, hasEffect: true };
  if (hashOf(before.source) === hashOf(after.source)) return null;
  return { kind: 'changed', name: after.name, fields: fieldChanges(before.source, after.source), hasEffect: false };
}

/** The fields as they are written, with everything filled in. */
const meaning = ({ description, profile, scope, settings, action, schedule }: PolicyDocument): object => ({
  description,
  profile,
  scope,
  ...settings,
  action,
  schedule,
});

function fieldChanges(before: unknown, after: unknown, path: readonly string[] = []): FieldChange[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => fieldChanges(own(before, key), own(after, key), [...path, key]));
  }
  if (hashOf(before ?? null) === hashOf(after ?? null)) return [];
  return [{ path: path.join('.'), before: before ?? null, after: after ?? null }];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const own = (record: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** A longest run of numbers that already ascend, with the rest left out (patience sorting). */
function inOrder(positions: readonly number[]): number[] {
  const tails: number[] = [];
  const previous = new Map<number, number | undefined>();
  for (const position of positions) {
    const found = tails.findIndex((tail) => tail >= position);
    const place = found === -1 ? tails.length : found;
    tails[place] = position;
    previous.set(position, tails[place - 1]);
  }
  const run: number[] = [];
  for (let at = tails.at(-1); at !== undefined; at = previous.get(at)) run.unshift(at);
  return run;
}

/** For people: a line for the policy, or one for each of its fields. */
export function describeChange(change: PolicyChange): string[] {
  const { name } = change;
  switch (change.kind) {
    case 'added':
      return [`${name}: added as number ${change.position}`];
    case 'removed':
      return [`${name}: removed (was number ${change.position})`];
    case 'moved':
      return [`${name}: moved from ${change.from} to ${change.to}`];
    case 'changed': {
      const note = change.hasEffect ? '' : ' (means the same)';
      return change.fields.map((field) => `${name}: ${describeField(field)}${note}`);
    }
  }
}

function describeField({ path, before, after }: FieldChange): string {
  if (Array.isArray(before) && Array.isArray(after)) {
    const added = after.filter((one) => !before.includes(one)).map((one) => `+ ${shown(one)}`);
    const removed = before.filter((one) => !after.includes(one)).map((one) => `- ${shown(one)}`);
    if (added.length + removed.length > 0) return `${path}: ${[...removed, ...added].join(', ')}`;
  }
  return `${path}: ${shown(before)} → ${shown(after)}`;
}

function shown(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(shown).join(', ');
  if (isRecord(value)) {
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${key}: ${shown(one)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(value);
}
