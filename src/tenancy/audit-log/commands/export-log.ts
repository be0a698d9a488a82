import { badInput } from '../../../errors';
import type { ChainEntry } from '../chain';
import { readEntries } from '../chain-reader';
import { exportFormats } from '../export-formats';
import { type Commanded, tenantsNamed } from './commanded';

const PAGE = 500;

export interface LogToExport {
  readonly tenant: string | null;
  readonly format: string | undefined;
  readonly from: Date | null;
  /** Exclusive. */
  readonly to: Date | null;
}

/** One tenant's log as text, the oldest entry first. Throws BAD_INPUT or NOT_FOUND. */
export async function* exportTexts(
  commanded: Commanded,
  { tenant, format = 'ndjson', from, to }: LogToExport,
): AsyncGenerator<string> {
  if (tenant === null) throw badInput('--tenant: name the tenant whose log it is to be.');
  if (format !== 'ndjson' && format !== 'csv') throw badInput('--format: ndjson or csv.');
  const [named] = await tenantsNamed(commanded, tenant);
  const { begin, lines } = exportFormats[format];
  yield begin;
  const isWanted = ({ at }: ChainEntry): boolean =>
    (from === null || new Date(at) >= from) && (to === null || new Date(at) < to);
  for (let after = 0; named;) {
    const page = await readEntries(commanded, named.id, { after, limit: PAGE });
    yield lines(page.filter(isWanted));
    const last = page.at(-1);
    if (page.length < PAGE || !last) return;
    after = last.seq;
  }
}
