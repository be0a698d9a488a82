import type { TicketContent } from '../../ticket-system';

/** What a ticket says, part by part, for whichever markup a system has. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'findings'; readonly items: readonly { title: string; why: string; link: string | null }[] }
  | { readonly kind: 'steps'; readonly items: readonly string[] }
  | { readonly kind: 'link'; readonly text: string; readonly url: string };

/** One line without anything that steers how it is shown; at most `max` characters. */
export function line(text: string, max: number): string {
  // Controls, lone surrogates, line and paragraph separators, and what turns the direction of writing.
  const plain = text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu, ' ');
  const trimmed = plain.replace(/\s+/g, ' ').trim();
  if (trimmed.length <= max) return trimmed;
  return `${trimmed.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A comment's paragraphs. */
export const paragraphs = (text: string): string[] =>
  text
    .split(/[\r\n]+/)
    .map((part) => line(part, 4_000))
    .filter((part) => part !== '');

/** An http address as it may stand in a link; null: it is none. */
export function webLink(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
}

export function blocksOf(content: TicketContent): Block[] {
  const text = (words: string, max: number): Block => ({ kind: 'text', text: line(words, max) });
  const blocks: Block[] = content.text.map((words) => text(words, 2_000));
  const owner = content.owner === null ? 'nobody is named as the owner' : `owner: ${content.owner}`;
  blocks.push(text(`Severity: ${content.severity}; ${owner}.`, 400));
  if (content.findings.length + content.more > 0) {
    blocks.push({ kind: 'heading', text: `Findings (${content.findings.length + content.more})` });
    blocks.push({ kind: 'findings', items: content.findings.map(findingOf) });
  }
  if (content.more > 0) blocks.push(text(`And ${content.more} more, which are not listed here.`, 100));
  if (content.remediation.length > 0) {
    blocks.push({ kind: 'heading', text: 'What to do' });
    blocks.push({ kind: 'steps', items: content.remediation.map((step) => line(step, 1_000)) });
  }
  if (content.follows !== null) blocks.push(...followed(content.follows));
  const url = webLink(content.link);
  if (url !== null) blocks.push({ kind: 'link', text: 'See it in Mothball', url });
  blocks.push(text('Mothball keeps this text up to date for as long as nobody else changes it.', 200));
  return blocks.filter(
    (block) => !('items' in block && block.items.length === 0) && !('text' in block && block.text === ''),
  );
}

const findingOf = ({ title, why, link }: TicketContent['findings'][number]) => ({
  title: line(title, 300) || 'Finding',
  why: line(why, 500),
  link: webLink(link),
});

function followed({ reference, url }: NonNullable<TicketContent['follows']>): Block[] {
  const words = `Follows ${line(reference, 100)}, which could not be opened again.`;
  const address = webLink(url);
  return address === null ? [{ kind: 'text', text: words }] : [{ kind: 'link', text: words, url: address }];
}

/**
 * What is rendered of as much of the content as there is room for: first findings are left out, from the end, and
 * counted among the ones that are not listed, then words.
 */
export function fitted<T>(
  content: TicketContent,
  render: (content: TicketContent) => T,
  fits: (rendered: T) => boolean,
): T {
  const total = content.findings.length + content.more;
  for (const listed of [50, 25, 12, 6, 3, 0]) {
    const findings = content.findings.slice(0, listed);
    const rendered = render({ ...content, findings, more: total - findings.length });
    if (fits(rendered)) return rendered;
  }
  return render({
    ...content,
    findings: [],
    more: total,
    text: content.text.slice(0, 1).map((words) => line(words, 500)),
    remediation: content.remediation.slice(0, 5).map((step) => line(step, 150)),
  });
}

/** For systems that show plain text. */
export function plainText(blocks: readonly Block[]): string {
  return blocks.map(plainBlock).join('\n\n');
}

function plainBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return block.text;
    case 'heading':
      return `${block.text}:`;
    case 'findings':
      return block.items
        .map(({ title, why, link }) => `- ${title}${why === '' ? '' : `: ${why}`}${link === null ? '' : ` (${link})`}`)
        .join('\n');
    case 'steps':
      return block.items.map((step, index) => `${index + 1}. ${step}`).join('\n');
    case 'link':
      return `${block.text}: ${block.url}`;
  }
}

export const EDITED = 'Somebody has changed the description, so it stays as it is. What Mothball has to say now:';
