import { styleText } from 'node:util';

/** Where a command writes to and what it may know of its surroundings; specs give their own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  /** Of the terminal at stdout; undefined where there is none. */
  readonly columns: number | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** What is piped into the command; undefined: nothing can be. */
  readonly stdin?: AsyncIterable<string | Uint8Array>;
  /** Asks a person yes or no; undefined: nobody is there to answer. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

type Format = Parameters<typeof styleText>[0];

/** How something is to look. */
export interface Look {
  /** In characters. */
  readonly width: number;
  paint(format: Format, text: string): string;
}

/** Wide enough to read, and the same wherever the output of a pipe or file is made. */
const WIDTH_WITHOUT_TERMINAL = 120;
const NARROWEST = 60;
const WIDEST = 200;

export const plain = (width = WIDTH_WITHOUT_TERMINAL): Look => ({ width, paint: (_format, text) => text });

/** No colour unless people look at it, and none where `NO_COLOR` is set (https://no-color.org). */
export function lookOf(terminal: Pick<Terminal, 'outIsTty' | 'columns' | 'env'>): Look {
  const { env } = terminal;
  const told = terminal.outIsTty ? terminal.columns : Number(env['COLUMNS']);
  const width = told && Number.isInteger(told) && told > 0 ? told : WIDTH_WITHOUT_TERMINAL;
  const coloured = terminal.outIsTty && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    width: Math.min(Math.max(width, NARROWEST), WIDEST),
    paint: (format, text) => (coloured ? styleText(format, text, { validateStream: false }) : text),
  };
}

/** One line without control characters: names and sentences come from an endpoint, and a terminal obeys what it prints. */
export const printable = (text: string): string => text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '�').trim();

/** `printable` with a full stop where it has none: AWS's messages, and ours with them inside, often end without. */
export const sentence = (text: string): string => printable(text).replace(/([^.!?…])$/, '$1.');
