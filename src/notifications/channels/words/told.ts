import type { MessageWords } from '../message';
import { oneLine } from './line';

/** A message's words as every channel tells them: short, and no line of them can pass for another. */
export interface Told {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly link: string | null;
}

const TITLE = 150;
const PARAGRAPH = 1_000;
const PARAGRAPHS = 20;
const FACTS = 40;
const FACT_NAME = 80;
const FACT_VALUE = 500;

/** Names, tags and owners in the words are what others have written: nothing in them begins a line of its own. */
export function told({ title, text, facts, link }: MessageWords): Told {
  return {
    title: oneLine(title, TITLE),
    paragraphs: text
      .split('\n')
      .map((line) => oneLine(line, PARAGRAPH))
      .filter((line) => line !== '')
      .slice(0, PARAGRAPHS),
    facts: facts
      .map(({ name, value }) => ({ name: oneLine(name, FACT_NAME), value: oneLine(value, FACT_VALUE) }))
      .filter(({ name, value }) => name !== '' && value !== '')
      .slice(0, FACTS),
    link: link !== null && isWebAddress(link) ? new URL(link).href : null,
  };
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol);
}
