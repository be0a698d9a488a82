import { validationError } from '../../protocol/aws-error';
import type { IamCall } from './iam-call';

export interface Page<T> {
  items: T[];
  /** `IsTruncated` and, while there is more, `Marker`. */
  answer: { IsTruncated: boolean; Marker?: string };
}

/**
 * IAM's paging: `MaxItems` 1–1000, default 100; an opaque `Marker` that continues after the last item shown, so that
 * writes between two pages neither repeat nor skip others.
 */
export function paged<T>(call: IamCall, items: readonly T[], keyOf: (item: T) => string): Page<T> {
  const asked = call.parameters.integer('MaxItems', 1, 1_000) ?? 100;
  const limit = call.simulation.switches.iamPageLimit;
  const size = limit > 0 ? Math.min(asked, limit) : asked;
  const marker = call.parameters.optional('Marker', { min: 1, max: 320_000 });
  const after = marker === undefined ? undefined : readMarker(marker);
  const sorted = items.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => compare(a.key, b.key));
  const start = after === undefined ? 0 : firstAfter(sorted, after);
  const shown = sorted.slice(start, start + size);
  const last = shown.at(-1);
  const more = start + shown.length < sorted.length;
  return {
    items: shown.map(({ item }) => item),
    answer: more && last ? { IsTruncated: true, Marker: writeMarker(last.key) } : { IsTruncated: false },
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function firstAfter(sorted: readonly { key: string }[], after: string): number {
  const index = sorted.findIndex(({ key }) => key > after);
  return index === -1 ? sorted.length : index;
}

const PREFIX = 'after:';
const writeMarker = (key: string): string => Buffer.from(`${PREFIX}${key}`).toString('base64');

function readMarker(marker: string): string {
  const text = Buffer.from(marker, 'base64').toString('utf8');
  if (!text.startsWith(PREFIX)) throw validationError('Invalid Marker.');
  return text.slice(PREFIX.length);
}
