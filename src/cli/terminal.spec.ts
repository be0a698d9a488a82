import { lookOf, printable, sentence } from './terminal';

const painted = (text: string): string => `\u001b[1m${text}\u001b[22m`;

test.each([
  ['a terminal', true, {}, true],
  ['NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ['a pipe or file', false, {}, false],
])('colours: %s', (_name, outIsTty, env, coloured) => {
  expect(lookOf({ outIsTty, columns: 80, env }).paint('bold', 'x')).toBe(coloured ? painted('x') : 'x');
});

test.each([
  ['the terminal’s', true, 100, {}, 100],
  ['never unreadably narrow', true, 20, {}, 60],
  ['never too wide to follow', true, 400, {}, 200],
  ['COLUMNS, in a pipe', false, undefined, { COLUMNS: '90' }, 90],
  ['120 elsewhere', false, undefined, { COLUMNS: 'wide' }, 120],
])('width: %s', (_name, outIsTty, columns, env, width) => {
  expect(lookOf({ outIsTty, columns, env }).width).toBe(width);
});

test('one line without control characters', () => {
  expect(printable('a\n\tb\u0007\u009bc')).toBe('a b��c');
});

test('a full stop where there is none', () => {
  expect([sentence('Denied'), sentence('Denied.'), sentence('')]).toEqual(['Denied.', 'Denied.', '']);
});
