import { basic, failureOf, type TicketAnswer } from './ticket-http';

/** What an error shows of an answer to a request with this credential. */
function shownOf(text: string, headers: Record<string, string>, secrets: readonly string[]): string {
  const request = { system: 'Jira', method: 'POST', url: 'https://acme.example/', headers, secrets } as const;
  const answer: TicketAnswer = { request, status: 400, headers: {}, text, json: undefined, at: new Date(0) };
  const { message, details } = failureOf(answer, 'the search', text);
  return `${message} ${details.answer}`;
}

const PASSWORD = 'Pä"s/s w+r<d&1';
const TOKEN = basic('ada@example.com', PASSWORD).split(' ').at(-1) ?? '';
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const inHtml = (text: string): string =>
  text.replace(/[&"<]/g, (found) => ({ '&': '&amp;', '"': '&quot;', '<': '&lt;' })[found] ?? '');

describe('an error of a ticketing system', () => {
  it.each<[string, string]>([
    ['the header', `Yours was: Authorization: Basic ${TOKEN}`],
    ['what follows the scheme', `credentials: ${TOKEN}`],
    ['what it stands for', `ada@example.com:${PASSWORD}`],
    ['the password', PASSWORD],
    ['the password in JSON', inJson(PASSWORD)],
    ['the password in JSON with slashes escaped', inJson(PASSWORD).replaceAll('/', '\\/')],
    ['the password in JSON of ASCII', 'P\\u00E4\\"s/s w\\u002br\\u003Cd\\u00261'],
    ['the password in an address', encodeURIComponent(PASSWORD)],
    ['the password in a form', new URLSearchParams({ a: PASSWORD }).toString().slice(2)],
    ['the password in HTML', inHtml(PASSWORD)],
    ['the password in HTML with numbers', 'P&#228;&#34;s/s w&#43;r&#x3C;d&#x00026;1'],
  ])('does not show %s, where the system answers it back', (_, echo) => {
    for (const secrets of [[], [PASSWORD]]) {
      const shown = shownOf(
        `Bad request. ${echo} is wrong.`,
        { Authorization: basic('ada@example.com', PASSWORD) },
        secrets,
      );
      expect(shown).toContain('Bad request. ');
      expect(shown).toContain('*** is wrong.');
      expect(shown).not.toContain(echo);
    }
  });

  it.each<[Record<string, string>, string]>([
    [{ authorization: 'Bearer abc.def-123' }, 'abc.def-123'],
    [{ authorization: 'Token token=abc.def-123' }, 'abc.def-123'],
    [{ authorization: 'Token token="abc.def-123"' }, 'abc.def-123'],
    [{ 'X-SN-ApiKey': 'abc.def-123' }, 'abc.def-123'],
  ])('does not show the credential of %j', (headers, secret) => {
    expect(shownOf(`It was ${secret}.`, headers, [])).toBe('Jira answered 400 to the search: It was ***. It was ***.');
  });

  it('leaves nothing over of a secret that has another one in it', () => {
    expect(shownOf('It was abcd.', {}, ['', 'bc', 'abcd'])).toBe(
      'Jira answered 400 to the search: It was ***. It was ***.',
    );
  });

  it('shows everything else', () => {
    const text = 'Field "summary" must not be empty (a.b*c).';
    expect(shownOf(text, { authorization: 'Bearer a.b+c', accept: 'summary' }, ['a.bbc'])).toContain(text);
  });
});
