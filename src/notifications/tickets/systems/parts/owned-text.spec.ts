import fc from 'fast-check';
import { fingerprint, OwnedText } from './owned-text';

const KEY = '3f2a9c0d'.repeat(5);
const title = fingerprint('A title');

describe.each([
  ['comments', new OwnedText('<!--', '-->')],
  ['brackets', new OwnedText('[', ']')],
])('our part of a text, between %s', (_, owned) => {
  const noise = fc.constantFrom('\n', ' ', `${owned.begin(KEY)}`, '[/mothball:', '<!-- /mothball:', '-->', ']', 'x');
  const text = fc.array(fc.oneof(noise, fc.string({ maxLength: 5 })), { maxLength: 12 }).map((parts) => parts.join(''));

  it('is known again, whatever is in it and around it, and however lines end', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('', 'Before\n'), fc.constantFrom('', '\nAfter '), (said, before, after) => {
        const whole = `${before}${owned.write(KEY, said, title)}${after}`;
        expect(owned.read(KEY, whole)).toEqual({ before, after, untouched: true, title });
        expect(owned.read(KEY, whole.replace(/\r\n|\r|\n/g, '\r\n'))).toMatchObject({ untouched: true });
      }),
    );
  });

  it('is not known where a word of it was changed, a mark is missing, or there are two', () => {
    const whole = owned.write(KEY, 'Two keys are unused.', title);
    expect(owned.read(KEY, whole.replace('Two', 'No'))).toMatchObject({ untouched: false });
    expect(owned.read(KEY, whole.replace('/mothball', ''))).toBeNull();
    expect(owned.read(KEY, `${whole}${whole}`)).toBeNull();
    expect(owned.read('0'.repeat(40), whole)).toBeNull();
    expect(owned.read(KEY, '')).toBeNull();
  });
});
