import fc from 'fast-check';
import { inline } from './github-markdown';

/** What is left when code is taken away: in code nothing means anything. */
const outsideOfCode = (markdown: string): string => markdown.replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, '');

describe('text as Markdown', () => {
  it.each([
    ['Access key of deploy-bot: last used 400 days ago.', 'Access key of deploy-bot: last used 400 days ago.'],
    ['jane@example.com', '`jane@example.com`'],
    ['arn:aws:iam::123456789012:user/jane', '`arn:aws:iam::123456789012:user/jane`'],
    ['in 123456789012', 'in `123456789012`'],
    ['a ` b', 'a `` ` `` b'],
    ['1. one', '`1.` one'],
    ['- one', '\\- one'],
    ['Müller’s key (unused)', 'Müller’s key (unused)'],
    ['AT&T', '`AT&T`'],
    ['R & D', 'R \\& D'],
  ])('%s', (text, markdown) => {
    expect(inline(text)).toBe(markdown);
  });

  it('has no mention, reference, link, emoji, HTML or markup in it, whatever it says', () => {
    const piece = fc.constantFrom(
      ...'`@#<>[]()*_~|\\!&:-+=.1aA /$^{}'.split(''),
      'GH-1',
      'www.',
      'http://',
      '<!--',
      '-->',
      'deadbeef',
    );
    const text = fc
      .array(fc.oneof(piece, fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 20 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (said) => {
        const markdown = inline(said.replace(/\s+/g, ' ').trim());
        expect(outsideOfCode(markdown)).not.toMatch(
          /[@<>[\]*_~|`#]|GH-\d|www\.|:\/|:\w+:|^\d+[.)]|^[-+=]|[0-9a-f]{7}/i,
        );
        expect(markdown).not.toContain('<!--');
      }),
      { numRuns: 2_000 },
    );
  });
});
