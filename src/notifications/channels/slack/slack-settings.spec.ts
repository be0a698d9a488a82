import { webhookAddress } from './slack-settings';

const PATH = '/services/T0123ABCD/B0123ABCD/abcdefghijklmnopqrstuvwx';

it('is the address of an incoming webhook, of Slack or of its cloud for governments', () => {
  for (const host of ['hooks.slack.com', 'hooks.slack-gov.com']) {
    expect(webhookAddress(`https://${host}${PATH}`, false)).toBe(`https://${host}${PATH}`);
  }
  expect(webhookAddress(`http://127.0.0.1:4040${PATH}`, true)).toBe(`http://127.0.0.1:4040${PATH}`);
});

it.each([
  null,
  '',
  'nonsense',
  `http://hooks.slack.com${PATH}`,
  `https://hooks.slack.com.evil.example${PATH}`,
  `https://evil.example${PATH}`,
  `https://hooks.slack.com@evil.example${PATH}`,
  `https://user@hooks.slack.com${PATH}`,
  `https://hooks.slack.com:8443${PATH}`,
  `https://hooks.slack.com${PATH}?a=b`,
  `https://hooks.slack.com${PATH}#a`,
  `https://hooks.slack.com${PATH}/`,
  `https://hooks.slack.com/services/../services/T0123ABCD/B0123ABCD/abcdefghijklmnopqrstuvwx`,
  'https://hooks.slack.com/triggers/T0123ABCD/123/abcdefghijklmnopqrstuvwx',
  'https://hooks.slack.com/workflows/T0123ABCD/A0123ABCD/123/abcdefghijklmnopqrstuvwx',
  'https://hooks.slack.com/services/T0123ABCD/B0123ABCD/',
  `HTTPS://HOOKS.SLACK.COM${PATH}`,
  ` https://hooks.slack.com${PATH}`,
  `http://127.0.0.1:4040${PATH}`,
])('%s is none', (secret) => {
  expect(() => webhookAddress(secret, false)).toThrow(/^url: must be the address of an incoming webhook/);
});

it('keeps the address out of what it says', () => {
  expect(() => webhookAddress('https://evil.example/services/T1/B1/tiptop-secret', true)).not.toThrow(/tiptop/);
});
