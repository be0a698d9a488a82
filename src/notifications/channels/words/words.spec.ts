import fc from 'fast-check';
import type { MessageWords } from '../message';
import { slackMessage } from '../slack/slack-blocks';
import { publicationOf } from '../sns/publication';
import { topicOf } from '../sns/sns-settings';
import { html } from './html';
import { cut, oneLine } from './line';
import { plainText } from './plain-text';
import { told } from './told';

/** What others have written: any text, and what is special somewhere. */
const hostile = fc.oneof(
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc.constantFrom(
          ...[
            '<script>',
            '</td>',
            '"',
            "'",
            '&',
            '&amp;',
            '<!channel>',
            '<@U123>',
            '<https://evil.example|ok>',
            '|',
            '*b*',
          ],
          ...[
            '`',
            '_i_',
            ':tada:',
            '\n',
            '\r\n',
            '\u2028',
            '\u202e',
            '\u200b',
            '\0',
            '\x1b[31m',
            'Bcc: x@y.example',
            '-- ',
          ],
          ...['https://evil.example', 'javascript:alert(1)', '\ud83d', '😀', 'More: https://evil.example', 'é'],
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ minLength: 2_000, maxLength: 4_000 }) },
);

const words: fc.Arbitrary<MessageWords> = fc.record({
  title: hostile,
  text: fc.array(hostile, { maxLength: 30 }).map((parts) => parts.join('\n')),
  facts: fc.array(fc.record({ name: hostile, value: hostile }), { maxLength: 60 }),
  link: fc.constantFrom(null, 'https://mothball.example.com/a?b=c&d="e"', 'javascript:alert(1)', 'nonsense'),
});

const runs = { numRuns: process.env['MOTHBALL_TEST_SOAK'] ? 20_000 : 150 };
/** What no line may hold. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

it('nothing in a line begins another one, is unseen, or is cut in two', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 80 }), (text, most) => {
      const line = oneLine(text, most);
      expect(line.length).toBeLessThanOrEqual(most);
      expect(line).not.toMatch(UNSEEN);
      expect(cut(line, most)).toBe(line);
    }),
    runs,
  );
});

it('plain text has exactly the lines that it was given', () => {
  fc.assert(
    fc.property(words, (said) => {
      const { title, paragraphs, facts, link } = told(said);
      const lines = plainText(said)
        .split('\n')
        .filter((line) => line !== '');
      expect(lines).toEqual(
        [
          title,
          ...paragraphs,
          ...facts.map(({ name, value }) => `${name}: ${value}`),
          ...(link ? [`More: ${link}`] : []),
        ].filter((line) => line !== ''),
      );
    }),
    runs,
  );
});

it('HTML has no element and no entity but ours, whatever the names are', () => {
  const OURS =
    /<!DOCTYPE html>|<\/?(?:html|head|meta|title|body|h2|p|table|tr|th|td|hr|small|br)(?: (?:lang="en"|charset="utf-8"|cellpadding="4"|align="left"|valign="top"))*>|<a href="https:\/\/mothball\.example\.com\/[^"<>]*">|<\/a>/g;
  fc.assert(
    fc.property(words, hostile, (said, foot) => {
      const rest = html(said, [oneLine(foot, 200)]).replace(OURS, '');
      expect(rest).not.toMatch(/[<>"']/);
      expect(rest).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
    }),
    runs,
  );
});

it('Slack reads no markup but our link, within the limits of Block Kit', () => {
  fc.assert(
    fc.property(words, (said) => {
      const { text, blocks } = slackMessage({ id: 'evt_1', type: 'finding.opened', words: said });
      expect(blocks.length).toBeLessThanOrEqual(50);
      const texts = blocks.flatMap((block) =>
        'fields' in block ? block.fields : 'elements' in block ? block.elements : [block.text],
      );
      for (const one of texts) {
        expect(one.text.length).toBeGreaterThan(0);
        expect(one.text.length).toBeLessThanOrEqual(3_000);
        if (one.type === 'mrkdwn')
          expect(one.text).toMatch(/^<https:\/\/mothball\.example\.com\/[^<>|]*\|Look at it in Mothball>$/);
        else expect(one.text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
      }
      expect(text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
      for (const block of blocks) if ('fields' in block) expect(block.fields.length).toBeLessThanOrEqual(10);
      expect(blocks[0]).toMatchObject({ type: 'header' });
    }),
    runs,
  );
});

it('a subject of SNS is one line of at most 99 characters of ASCII', () => {
  const topic = topicOf('arn:aws:sns:eu-central-1:123456789012:mothball');
  if (!topic) throw new Error('no topic');
  fc.assert(
    fc.property(words, (said) => {
      const { Subject = '' } = publicationOf(topic, { id: 'evt_1', type: 'finding.opened', body: '{}', words: said });
      expect(Subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
    }),
    runs,
  );
});
