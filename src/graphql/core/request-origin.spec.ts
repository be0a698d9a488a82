import { Config, type ConfigValues } from '../../config';
import { Origins } from './request-origin';

const addressOf = (trustedProxies: string[], remoteAddress: string | undefined, forwarded?: string): string | null =>
  new Origins(new Config({ trustedProxies } as unknown as ConfigValues)).of({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress },
  }).sourceAddress;

describe('the source address', () => {
  it.each<[string, string[], string | undefined, string | undefined, string | null]>([
    ['is the connection’s', [], '192.0.2.1', undefined, '192.0.2.1'],
    ['is written as IPv4 where it is one', [], '::ffff:192.0.2.1', undefined, '192.0.2.1'],
    ['is not what a stranger says', [], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['is what a trusted proxy says', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['is the last that a trusted proxy has heard', ['10.0.0.0/8'], '10.1.2.3', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['goes on through several proxies', ['10.0.0.0/8', '::1'], '::1', '1.1.1.1, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['is the farthest proxy when all are trusted', ['10.0.0.0/8'], '10.1.2.3', '10.0.0.1', '10.0.0.1'],
    ['stops at what is no address', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9, unknown', '10.1.2.3'],
    ['takes IPv6', ['fd00::/8'], 'fd00::1', '2001:db8::7', '2001:db8::7'],
    ['is unknown once the connection is gone', [], undefined, '203.0.113.9', null],
  ])('%s', (_name, trusted, remote, forwarded, expected) => {
    expect(addressOf(trusted, remote, forwarded)).toBe(expected);
  });
});
