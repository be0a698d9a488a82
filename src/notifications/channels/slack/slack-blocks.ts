import type { Message } from '../message';
import { oneLine } from '../words/line';
import { told } from '../words/told';

/** Block Kit's limits. https://docs.slack.dev/reference/block-kit/blocks */
const BLOCKS = 50;
const HEADER = 150;
const SECTION = 3_000;
const FIELDS = 10;
const FIELD = 2_000;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Slack's three control characters, and no others: https://docs.slack.dev/messaging/formatting-message-text#escaping.
 * Cut to so many characters, as they are counted: escaped; never within an entity.
 */
function escapeSlack(text: string, most: number): string {
  let escaped = '';
  for (const character of text) {
    const next = ENTITIES[character] ?? character;
    if (escaped.length + next.length > most - 1) return `${escaped}…`;
    escaped += next;
  }
  return escaped;
}

type Text = { type: 'plain_text'; text: string; emoji: false } | { type: 'mrkdwn'; text: string; verbatim: true };
export type Block =
  | { type: 'header'; text: Text }
  | { type: 'section'; text: Text }
  | { type: 'section'; fields: Text[] }
  | { type: 'context'; elements: Text[] };

/** What others have written is `plain_text`, in which Slack reads no markup, no mentions, no links and no `:emoji:`. */
const plain = (text: string, most: number): Text => ({
  type: 'plain_text',
  text: escapeSlack(text, most),
  emoji: false,
});

/** The body of a message: `text` is what notifications and screen readers say, the blocks are what is seen. */
export function slackMessage({ id, type, words }: Pick<Message, 'id' | 'type' | 'words'>): {
  text: string;
  blocks: Block[];
} {
  const { title, paragraphs, facts, link } = told(words);
  const heading = title === '' ? type : title;
  const fields = facts.map(({ name, value }) => plain(`${name}\n${value}`, FIELD));
  const blocks: Block[] = [
    { type: 'header', text: plain(heading, HEADER) },
    ...paragraphs.map((paragraph): Block => ({ type: 'section', text: plain(paragraph, SECTION) })),
    ...tens(fields).map((some): Block => ({ type: 'section', fields: some })),
    ...(link === null ? [] : [linked(link)]),
  ];
  const foot: Block = { type: 'context', elements: [plain(oneLine(`${type} ${id}`, HEADER), HEADER)] };
  return { text: escapeSlack(heading, SECTION), blocks: [...blocks.slice(0, BLOCKS - 1), foot] };
}

/** The one thing that is markup: made by us, from an address that `told` has read. */
const linked = (link: string): Block => ({
  type: 'section',
  text: {
    type: 'mrkdwn',
    text: `<${escapeSlack(link.replaceAll('|', '%7C'), SECTION - 100)}|Look at it in Mothball>`,
    verbatim: true,
  },
});

const tens = <T>(list: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(list.length / FIELDS) }, (_, n) => list.slice(n * FIELDS, (n + 1) * FIELDS));
