import { createHash } from 'node:crypto';

/** Of what we wrote, to see later whether it is still that; spaces at the ends of lines do not count. */
export function fingerprint(text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
  return createHash('sha256').update(lines.join('\n').trim()).digest('hex').slice(0, 16);
}

export interface Owned {
  readonly before: string;
  readonly after: string;
  /** Whether our part is as we wrote it. */
  readonly untouched: boolean;
  /** Of the title that was written with it. */
  readonly title: string;
}

/**
 * Our part of a text that people may write in as well: between two marks, of which the second says what we wrote. So
 * what people added before and after it stays, and what they changed in it is noticed without keeping anything.
 */
export class OwnedText {
  /** `open` and `close`: around what a mark says: `<!--` and `-->`. */
  constructor(
    private readonly open: string,
    private readonly close: string,
  ) {}

  begin(key: string): string {
    return `${this.open} mothball:${key} ${this.close}`;
  }

  /** `titleMark`: of the title that people gave it meanwhile, so that it stays theirs. */
  write(key: string, text: string, titleMark: string): string {
    // Nothing that is shown may look like a mark.
    const body = text
      .replaceAll(`${this.open} mothball:`, 'mothball:')
      .replaceAll(`${this.open} /mothball:`, 'mothball:');
    return `${this.begin(key)}\n${body}\n${this.open} /mothball:${fingerprint(body)}:${titleMark} ${this.close}`;
  }

  /** Null: our part is not there any more, or more than once. */
  read(key: string, whole: string): Owned | null {
    const [before, rest, ...more] = whole.split(this.begin(key));
    if (before === undefined || rest === undefined || more.length > 0) return null;
    const end = rest.indexOf(`${this.open} /mothball:`);
    if (end === -1) return null;
    const mark = /^ \/mothball:([0-9a-f]{16}):([0-9a-f]{16}) /.exec(rest.slice(end + this.open.length));
    if (mark === null) return null;
    const [said, text = '', title = ''] = mark;
    if (!rest.startsWith(this.close, end + this.open.length + said.length)) return null;
    const after = rest.slice(end + this.open.length + said.length + this.close.length);
    return { before, after, untouched: fingerprint(rest.slice(0, end)) === text, title };
  }
}
