import fc from 'fast-check';
import { isListed, judgeAddress } from './judge-address';

/** Of each range the first and the last address, and the ones just outside that are public. */
const RANGES: [what: string, forbidden: string[], outside: string[]][] = [
  ['unspecified', ['0.0.0.0', '0.255.255.255'], ['1.0.0.0']],
  ['private', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
  ['private', ['172.16.0.0', '172.31.255.255'], ['172.15.255.255', '172.32.0.0']],
  ['private', ['192.168.0.0', '192.168.255.255'], ['192.167.255.255', '192.169.0.0']],
  ['shared by carriers (CGNAT)', ['100.64.0.0', '100.127.255.255'], ['100.63.255.255', '100.128.0.0']],
  ['metadata', ['100.100.100.200'], []],
  ['metadata', ['168.63.129.16'], ['168.63.129.15', '168.63.129.17']],
  ['loopback', ['127.0.0.0', '127.0.0.1', '127.255.255.255'], ['126.255.255.255', '128.0.0.0']],
  [
    'link-local and metadata',
    ['169.254.0.0', '169.254.169.254', '169.254.170.2', '169.254.255.255'],
    ['169.253.255.255', '169.255.0.0'],
  ],
  ['IETF protocol assignments', ['192.0.0.0', '192.0.0.192', '192.0.0.255'], ['191.255.255.255', '192.0.1.0']],
  ['documentation', ['192.0.2.0', '192.0.2.255'], ['192.0.1.255', '192.0.3.0']],
  ['documentation', ['198.51.100.0', '198.51.100.255'], ['198.51.99.255', '198.51.101.0']],
  ['documentation', ['203.0.113.0', '203.0.113.255'], ['203.0.112.255', '203.0.114.0']],
  ['6to4 relay', ['192.88.99.0', '192.88.99.255'], ['192.88.98.255', '192.88.100.0']],
  ['benchmarking', ['198.18.0.0', '198.19.255.255'], ['198.17.255.255', '198.20.0.0']],
  ['multicast', ['224.0.0.0', '239.255.255.255'], ['223.255.255.255']],
  ['reserved', ['240.0.0.0', '255.255.255.254'], []],
  ['broadcast', ['255.255.255.255'], []],
  ['unspecified', ['::'], []],
  ['loopback', ['::1'], []],
  ['IPv4-compatible', ['::2', '::808:808', '::ffff:ffff'], []],
  ['IPv4-mapped', ['::ffff:0:0', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:ffff:ffff'], []],
  ['IPv4-translated', ['::ffff:0:0:0', '::ffff:0:8.8.8.8', '::ffff:0:ffff:ffff'], []],
  ['NAT64', ['64:ff9b::', '64:ff9b::8.8.8.8', '64:ff9b::ffff:ffff'], []],
  ['NAT64', ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'], []],
  ['discard', ['100::', '100::ffff:ffff:ffff:ffff'], []],
  ['not given out', ['64:ff9b:2::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '4000::', '200::'], []],
  ['Teredo', ['2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'], []],
  ['benchmarking', ['2001:2::', '2001:2:0:ffff:ffff:ffff:ffff:ffff'], []],
  ['ORCHID', ['2001:10::', '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff'], []],
  [
    'IETF protocol assignments',
    ['2001:1::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:200::'],
  ],
  [
    'documentation',
    ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
  ],
  ['documentation', ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'], ['3ffe:ffff::', '3fff:1000::']],
  [
    '6to4',
    ['2002::', '2002:7f00:1::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2003::'],
  ],
  ['segment routing', ['5f00::', '5f00:ffff::'], []],
  ['unique local', ['fc00::', 'fd00::1', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], []],
  ['metadata', ['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254'], []],
  ['link-local', ['fe80::', 'fe80::a9fe:a9fe', 'febf:ffff::'], []],
  ['site-local', ['fec0::', 'feff:ffff::'], []],
  ['multicast', ['ff00::', 'ff02::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], []],
];

describe('what is not public', () => {
  it.each(RANGES)('%s: %j', (what, forbidden, outside) => {
    for (const address of forbidden) expect({ address, what: judgeAddress(address)?.what }).toEqual({ address, what });
    for (const address of outside) expect({ address, is: judgeAddress(address) }).toEqual({ address, is: null });
  });

  it.each(['1.1.1.1', '8.8.8.8', '93.184.216.34', '2606:4700:4700::1111', '2a00:1450:4001:810::200e', '2620:fe::fe'])(
    'lets %s pass',
    (address) => expect(judgeAddress(address)).toBeNull(),
  );

  it.each([
    '',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f000001',
    '010.8.8.8',
    '8.8.8',
    '8.8.8.8 ',
    '8.8.8.8.',
    '[2606:4700::1111]',
    '2606:4700::1111%eth0',
    '2606:4700::1111%25eth0',
    '8.8.8.8/32',
    '１.1.1.1',
  ])('takes "%s" for no address, and so for none that is public', (text) => {
    expect(judgeAddress(text)).toMatchObject({ what: 'no address', never: true });
  });

  it('never lets an IPv4 address pass inside an IPv6 one, whatever the form', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'));
    const forms = fc.constantFrom('::', '::ffff:', '::ffff:0:', '64:ff9b::', '64:ff9b:1::', '64:ff9b:1:2:3:4:');
    fc.assert(fc.property(forms, octets, (form, address) => judgeAddress(form + address)?.never === true));
  });
});

describe('the operator’s list', () => {
  const places = [
    { host: 'jira.corp', port: 8443 },
    { network: '10.1.0.0/16', port: 443 },
    { network: 'fd12::/16', port: 443 },
  ];
  it.each([
    ['jira.corp', '10.9.9.9', 8443, true],
    ['jira.corp', '10.9.9.9', 443, false],
    ['other.corp', '10.9.9.9', 8443, false],
    ['sub.jira.corp', '10.9.9.9', 8443, false],
    ['other.corp', '10.1.0.0', 443, true],
    ['other.corp', '10.1.255.255', 443, true],
    ['other.corp', '10.0.255.255', 443, false],
    ['other.corp', '10.2.0.0', 443, false],
    ['other.corp', '10.1.0.1', 8443, false],
    ['other.corp', 'fd12::1', 443, true],
    ['other.corp', 'fd13::1', 443, false],
    ['other.corp', '::ffff:10.1.0.1', 443, false],
  ])('%s at %s:%i: %s', (name, address, port, listed) => {
    expect(isListed(places, name, address, port)).toBe(listed);
  });
});
