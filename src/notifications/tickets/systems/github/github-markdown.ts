import { paragraphs, type Block } from '../parts/ticket-words';

/** https://github.github.com/gfm/, and what GitHub makes of texts: mentions, references to issues and commits, emoji. */
export function markdownOf(blocks: readonly Block[]): string {
  return blocks.map(blockOf).join('\n\n');
}

export const commentMarkdown = (text: string): string => paragraphs(text).map(inline).join('\n\n');

function blockOf(block: Block): string {
  switch (block.kind) {
    case 'text':
      return inline(block.text);
    case 'heading':
      return `### ${inline(block.text)}`;
    case 'findings':
      return block.items
        .map(({ title, why, link }) => {
          const named = link === null ? inline(title) : `${inline(title)} ([look](${address(link)}))`;
          return `- ${named}${why === '' ? '' : `: ${inline(why)}`}`;
        })
        .join('\n');
    case 'steps':
      return block.items.map((step, index) => `${index + 1}. ${inline(step)}`).join('\n');
    case 'link':
      return `${inline(block.text)}: [${hostOf(block.url)}](${address(block.url)})`;
  }
}

/** Words of letters, digits and the punctuation of plain sentences, of which neither Markdown nor GitHub makes anything. */
const PLAIN = /^["'(]*[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}'’/%,.-]*[\p{L}\p{N}\p{M}%])?["').,;:?!…]*$/u;
/** GitHub links `www.`, `GH-12`, and what could be the id of a commit. */
const LINKED = /www\.|GH-\d|[0-9a-f]{7}/i;
const HARMLESS = new Set(['-', '–', '—', '&', '+', '=', '/', '…']);

/**
 * Plain text as Markdown that shows just that text. A word that could mean something is shown as code, where nothing is
 * markup, mention or reference, and which can still be copied; a backslash would not keep `@name` from being a mention.
 */
export function inline(text: string): string {
  const words = text.split(' ').filter((word) => word !== '');
  return words.map((word, index) => wordOf(word, index === 0)).join(' ');
}

function wordOf(word: string, first: boolean): string {
  if (HARMLESS.has(word)) return `\\${word}`.replace(/^\\([^\p{ASCII}])/u, '$1');
  // At the start of a line, "1." begins a list.
  if (first && /^\d+[.)]+$/.test(word)) return code(word);
  return PLAIN.test(word) && !LINKED.test(word) ? word : code(word);
}

/** https://github.github.com/gfm/#code-spans: between more backticks than there are in a row inside. */
function code(word: string): string {
  // Our marks are comments: nothing shown may look like one.
  const shown = word.replaceAll('<!--', '<! --');
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${space}${shown}${space}${fence}`;
}

/** As a link's destination: WHATWG's URL leaves brackets, and these would end it. */
const address = (url: string): string =>
  url.replace(/[()<>\\[\]`*_~|]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
const hostOf = (url: string): string => new URL(url).hostname.replace(/[^a-z0-9.-]/g, '');
