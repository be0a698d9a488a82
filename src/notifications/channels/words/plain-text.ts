import type { MessageWords } from '../message';
import { told } from './told';

/** For e-mail and SNS: a title, what it is about, facts a line each, and where to look further. */
export function plainText(words: MessageWords): string {
  const { title, paragraphs, facts, link } = told(words);
  const parts = [
    title,
    ...paragraphs,
    facts.map(({ name, value }) => `${name}: ${value}`).join('\n'),
    link === null ? '' : `More: ${link}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}
