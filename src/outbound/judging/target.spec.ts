import { Config, type ConfigValues } from '../../config';
import type { OutboundSettings } from '../../outbound-settings';
import { OutboundFailure } from '../outbound-failure';
import { Outbound } from '../outbound.service';
import { judgeAddress } from './judge-address';
import { readTarget } from './target';

const SETTINGS: OutboundSettings = { ports: [443], allowed: [], proxy: null, loopback: false, certificates: null };

/** Of addresses that must not be reached: every way to write them that a parser somewhere understands. */
const SPELLINGS = [
  // This machine, IPv4.
  'https://127.0.0.1/',
  'https://127.0.0.1:443/',
  'https://127.0.0.1./',
  'https://127.0.0.2/',
  'https://127.255.255.254/',
  'https://127.1/',
  'https://127.0.1/',
  'https://127.00.00.01/',
  'https://0127.0.0.1/',
  'https://0177.0.0.1/',
  'https://0177.0.0.01/',
  'https://00000177.0.0.1/',
  'https://0x7f.0.0.1/',
  'https://0X7F.0.0.1/',
  'https://0x7f.0x0.0x0.0x1/',
  'https://0x7f.1/',
  'https://0177.1/',
  'https://0x7f000001/',
  'https://0x7F000001/',
  'https://017700000001/',
  'https://2130706433/',
  'https://2130706433./',
  'https://%31%32%37.0.0.1/',
  'https://127%2e0%2e0%2e1/',
  'https://127.0.0.1%2f@example.com/',
  'https://１２７.０.０.１/',
  'https://127。0。0。1/',
  'https://127．0．0．1/',
  'https://127｡0｡0｡1/',
  'https://①②⑦.0.0.1/',
  'https://𝟏𝟐𝟕.0.0.1/',
  'https://0/',
  'https://0.0.0.0/',
  'https://0x0/',
  'https://00.0.0.0/',
  // This machine, by name.
  'https://localhost/',
  'https://LOCALHOST/',
  'https://localhost./',
  'https://localhost.localdomain/',
  'https://app.localhost/',
  'https://loc%61lhost/',
  'https://ⓛocalhost/',
  'https://ｌｏｃａｌｈｏｓｔ/',
  'https://local\u00adhost/',
  'https://local\u200bhost/',
  'https://printer.local/',
  'https://metadata.google.internal/',
  'https://instance-data.ec2.internal/',
  'https://router.home.arpa/',
  'https://intranet/',
  // IPv6.
  'https://[::1]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[0000:0000:0000:0000:0000:0000:0000:0001]/',
  'https://[::0001]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::FFFF:7F00:1]/',
  'https://[::ffff:7f00:0001]/',
  'https://[0:0:0:0:0:ffff:127.0.0.1]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:0:127.0.0.1]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[64:ff9b::127.0.0.1]/',
  'https://[64:ff9b:1::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/',
  'https://[fe80::1]/',
  'https://[fe80::1%25eth0]/',
  'https://[fe80::1%eth0]/',
  'https://[fc00::1]/',
  'https://[fd00:ec2::254]/',
  'https://[FD00:EC2::254]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
  'https://[100::1]/',
  'https://[2001:db8::1]/',
  'https://[2001:10::1]/',
  'https://[4000::1]/',
  // Metadata.
  'https://169.254.169.254/latest/meta-data/',
  'https://169.254.169.254:443/latest/api/token',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0xA9.0xFE.0xA9.0xFE/',
  'https://0251.0376.0251.0376/',
  'https://025177524776/',
  'https://169.254.43518/',
  'https://169.16689662/',
  'https://169.0376.0xa9.254/',
  'https://[::ffff:169.254.169.254]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[2002:a9fe:a9fe::]/',
  'https://169.254.170.2/v2/credentials',
  'https://100.100.100.200/latest/meta-data/',
  'https://168.63.129.16/',
  'https://192.0.0.192/',
  // Networks of the inside.
  'https://10.0.0.1/',
  'https://10.1/',
  'https://167772161/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://192.168.257/',
  'https://0xc0a80101/',
  'https://100.64.0.1/',
  'https://198.18.0.1/',
  'https://192.0.2.1/',
  'https://224.0.0.1/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  'https://4294967295/',
  // Public, and written as nobody writes it who means well.
  'https://134744072/',
  'https://8.8.2056/',
  'https://010.8.8.8/',
  'https://8.8.8.8./',
  'https://[2606:4700:4700:0:0:0:0:1111]/',
  'https://example.com./',
  'https://ex\u2100mple.com/',
  'https://exämple.com/',
  'https://example。com/',
  'https://256.256.256.256/',
  'https://1.2.3.4.5/',
  'https://example.com.0x7f/',
];

/** What is no host: schemes, credentials, ports, and signs that parsers disagree about. */
const OTHERWISE_WRONG: [string, RegExp][] = [
  ['', /begin with https/],
  ['example.com', /begin with https/],
  ['//example.com/', /begin with https/],
  ['http://example.com/', /begin with https/],
  ['http://93.184.216.34/', /begin with https/],
  ['ftp://example.com/', /begin with https/],
  ['file:///etc/passwd', /begin with https/],
  ['gopher://127.0.0.1:6379/_INFO', /begin with https/],
  ['javascript:alert(1)', /begin with https/],
  ['https:example.com', /begin with https/],
  ['https:/example.com', /begin with https/],
  ['https:///example.com', /begin with https/],
  ['https://', /begin with https/],
  ['https://?x', /begin with https/],
  ['https:\\\\example.com', /backslash/],
  ['https://example.com\\@127.0.0.1/', /backslash/],
  [' https://example.com/', /space/],
  ['https://example.com/ ', /space/],
  ['https://exam\tple.com/', /space/],
  ['https://example.com/\r\nHost: 127.0.0.1', /line end/],
  ['https://example.com/\nx', /line end/],
  ['https://example.com/\u0000', /invisible/],
  ['https://example.com/\u202e', /invisible/],
  ['https://user@example.com/', /user name/],
  ['https://user:password@example.com/', /user name/],
  ['https://@example.com/', /user name/],
  ['https://example.com:443@127.0.0.1/', /user name/],
  ['https://127.0.0.1#@example.com/', /"#"/],
  ['https://example.com/#x', /"#"/],
  ['https://example.com:80/', /Port 80 /],
  ['https://example.com:8443/', /Port 8443 /],
  ['https://example.com:0/', /Port 0 /],
  ['https://example.com:22/', /Port 22 /],
  ['https://example.com:/', /plainly/],
  ['https://example.com:0443/', /plainly/],
  ['https://example.com:65979/', /valid/],
  ['https://example.com:-1/', /valid/],
  ['https://example.com:https/', /valid/],
  ['https://example.com:４４３/', /valid/],
  ['https://exa mple.com/', /space/],
  ['https://exa<mple.com/', /valid/],
  ['https://-example.com/', /full public name/],
  ['https://a..example.com/', /full public name/],
  [`https://${'a'.repeat(64)}.com/`, /full public name/],
  [`https://example.com/${'a'.repeat(2_000)}`, /2000 characters/],
];

describe('an address that must not be reached', () => {
  it('is there in more than 60 spellings, each once', () => {
    expect(new Set(SPELLINGS).size).toBe(SPELLINGS.length);
    expect(SPELLINGS.length).toBeGreaterThan(60);
  });

  it.each(SPELLINGS)('is refused as %s, and nothing is asked or reached', async (url) => {
    const { outbound, asked, dialled } = outboundThatAnswers(['93.184.216.34']);
    await expect(outbound.send({ method: 'POST', url })).rejects.toMatchObject({ kind: 'refused', sent: false });
    await expect(outbound.mustBeAllowed(url, 'url')).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(/^url: The /) as string,
    });
    expect([...asked, ...dialled]).toEqual([]);
  });

  // Two guards, of which each would do.
  it('is refused by what it means as well as by how it is written', () => {
    const literal = SPELLINGS.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname);
    const addresses = literal.filter((host) => /^[\d.]+$|^\[/.test(host)).map((host) => host.replace(/^\[|\]$/g, ''));
    // Octal 0127 is 87: to some parsers that is public, to others it is this machine.
    const open = addresses.filter((address) => judgeAddress(address) === null);
    expect(addresses.length).toBeGreaterThan(60);
    expect([...new Set(open)].sort()).toEqual(['2606:4700:4700::1111', '8.8.8.8', '87.0.0.1']);
  });

  it.each(OTHERWISE_WRONG)('%j is refused, saying why', async (url, why) => {
    const { outbound, asked, dialled } = outboundThatAnswers(['93.184.216.34']);
    const failure = await outbound.send({ method: 'POST', url }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OutboundFailure);
    expect(failure).toMatchObject({ kind: 'refused', sentence: expect.stringMatching(why) as string });
    expect([...asked, ...dialled]).toEqual([]);
  });
});

describe('an address that may be reached', () => {
  it.each([
    ['https://example.com', 'example.com', 443, '/'],
    ['https://EXAMPLE.com/Hook?a=b', 'example.com', 443, '/Hook?a=b'],
    ['HTTPS://example.com:443/x', 'example.com', 443, '/x'],
    ['https://xn--exmple-cua.com/', 'xn--exmple-cua.com', 443, '/'],
    ['https://a-b.under_score.example.com/%0d%0a', 'a-b.under_score.example.com', 443, '/%0d%0a'],
    ['https://8.8.8.8/', '8.8.8.8', 443, '/'],
    ['https://[2606:4700:4700::1111]/', '2606:4700:4700::1111', 443, '/'],
    ['https://[2606:4700:4700::ABCD]/é', '2606:4700:4700::abcd', 443, '/%C3%A9'],
  ])('%s is read as it is written', (url, host, port, path) => {
    expect(readTarget(url, SETTINGS)).toMatchObject({ host, port, path, secure: true, loopback: false });
  });

  it('is on this machine only where tests and the demo run, in one spelling', () => {
    const open = { ...SETTINGS, loopback: true };
    expect(readTarget('http://127.0.0.1:8080/', open)).toMatchObject({ loopback: true, secure: false, port: 8080 });
    expect(readTarget('https://[::1]:8443/', open)).toMatchObject({ loopback: true, secure: true, port: 8443 });
    for (const url of ['http://localhost:8080/', 'http://127.0.0.2/', 'http://127.1/', 'http://10.0.0.1/']) {
      expect(() => readTarget(url, open)).toThrow(OutboundFailure);
    }
    expect(() => readTarget('http://127.0.0.1:8080/', SETTINGS)).toThrow('must begin with https://');
  });

  it('has another port, or a name of the inside, where the operator listed it', () => {
    const allowed = [{ host: 'jira.corp.internal', port: 8443 }];
    const open = { ...SETTINGS, ports: [443, 9443], allowed };
    expect(readTarget('https://jira.corp.internal:8443/', open)).toMatchObject({ port: 8443 });
    expect(readTarget('https://example.com:9443/', open)).toMatchObject({ port: 9443 });
    expect(() => readTarget('https://jira.corp.internal/', open)).toThrow('full public name');
    expect(() => readTarget('https://example.com:8443/', open)).toThrow(
      'Port 8443 is not open for messages: use 443 or',
    );
  });
});

function outboundThatAnswers(addresses: string[]) {
  const asked: string[] = [];
  const dialled: string[] = [];
  const outbound = new Outbound(new Config({ outbound: SETTINGS } as unknown as ConfigValues), {
    resolve: async (name) => {
      asked.push(name);
      return addresses;
    },
    dial: (address) => {
      dialled.push(address);
      throw new Error('Nothing leaves a test.');
    },
  });
  return { outbound, asked, dialled };
}
