import type { TicketContent } from '../../ticket-system';
import { fingerprint } from '../parts/owned-text';
import { blocksOf, fitted, paragraphs, type Block } from '../parts/ticket-words';

/** Atlassian Document Format: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ */
export interface AdfNode {
  readonly type: string;
  readonly text?: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly marks?: readonly { readonly type: string; readonly attrs?: Readonly<Record<string, unknown>> }[];
  readonly content?: readonly AdfNode[];
}

export interface AdfDocument extends AdfNode {
  readonly version: 1;
  readonly type: 'doc';
  readonly content: readonly AdfNode[];
}

/** A description holds 32,767 characters; whether of text or of its JSON is not said, so its JSON has to fit. */
const MAX_CHARACTERS = 32_767;

export const descriptionOf = (content: TicketContent): AdfDocument =>
  fitted(
    content,
    (some) => documentOf(blocksOf(some)),
    (document) => JSON.stringify(document).length <= MAX_CHARACTERS,
  );

/** A comment; nothing in it is markup, whatever it says. */
export const commentOf = (text: string, after?: AdfDocument): AdfDocument => ({
  version: 1,
  type: 'doc',
  content: [...paragraphs(text).map((words) => paragraph(plain(words))), ...(after?.content ?? [])],
});

const documentOf = (blocks: readonly Block[]): AdfDocument => ({
  version: 1,
  type: 'doc',
  content: blocks.map(nodeOf),
});

function nodeOf(block: Block): AdfNode {
  switch (block.kind) {
    case 'text':
      return paragraph(plain(block.text));
    case 'heading':
      return { type: 'heading', attrs: { level: 3 }, content: [plain(block.text)] };
    case 'findings':
      return {
        type: 'bulletList',
        content: block.items.map(({ title, why, link }) =>
          item(link === null ? plain(title) : linked(title, link), ...(why === '' ? [] : [plain(`: ${why}`)])),
        ),
      };
    case 'steps':
      return { type: 'orderedList', content: block.items.map((step) => item(plain(step))) };
    case 'link':
      return paragraph(linked(block.text, block.url));
  }
}

const plain = (text: string): AdfNode => ({ type: 'text', text });
const linked = (text: string, href: string): AdfNode => ({
  ...plain(text),
  marks: [{ type: 'link', attrs: { href } }],
});
const paragraph = (...content: AdfNode[]): AdfNode => ({ type: 'paragraph', content });
// An empty text is no valid node.
const item = (...content: AdfNode[]): AdfNode => ({
  type: 'listItem',
  content: [paragraph(...content.filter((node) => node.text !== ''))],
});

/** What our documents are made of; Jira may add ids to them, or split texts, without anybody having changed a word. */
const OURS = new Set(['doc', 'paragraph', 'heading', 'bulletList', 'orderedList', 'listItem', 'text', 'hardBreak']);

/** Of what a description says: its words, its links, and everything in it that we never write. */
export function fingerprintOf(document: unknown): string {
  const said: string[] = [];
  tell(document as AdfNode | null, said);
  return fingerprint(said.join(''));
}

function tell(node: AdfNode | null | undefined, said: string[]): void {
  if (typeof node !== 'object' || node === null) return;
  if (node.type === 'text') said.push(String(node.text));
  else said.push(OURS.has(node.type) ? '\n' : JSON.stringify([node.type, node.attrs]));
  for (const mark of node.marks ?? []) if (mark.type === 'link') said.push(` <${String(mark.attrs?.href)}>`);
  for (const child of Array.isArray(node.content) ? (node.content as AdfNode[]) : []) tell(child, said);
}
