import { z } from 'zod';
import { outboundOf, outboundVariables } from './outbound-settings';

const read = (environment: Record<string, string>, production = false) =>
  outboundOf(z.strictObject(outboundVariables).parse(environment), production);

describe('the settings of what may be reached', () => {
  it('open nothing but https to the public, unless they say so', () => {
    expect(read({})).toEqual({ ports: [443], allowed: [], proxy: null, loopback: false, certificates: null });
  });

  it('list ports, and hosts and networks with theirs', () => {
    const places = 'jira.corp:8443, 10.1.0.0/16 10.2.0.7:9443,[fd12::/16]:443 [fd12::7] SNOW.Corp.Example';
    expect(read({ MOTHBALL_OUTBOUND_PORTS: '443, 8443', MOTHBALL_OUTBOUND_ALLOWED: places })).toMatchObject({
      ports: [443, 8443],
      allowed: [
        { host: 'jira.corp', port: 8443 },
        { network: '10.1.0.0/16', port: 443 },
        { network: '10.2.0.7/32', port: 9443 },
        { network: 'fd12::/16', port: 443 },
        { network: 'fd12::7/128', port: 443 },
        { host: 'snow.corp.example', port: 443 },
      ],
    });
  });

  it('have a proxy with its password', () => {
    const proxy = { MOTHBALL_OUTBOUND_PROXY: 'http://us%20er:p%40ss@proxy.corp:3128' };
    expect(read(proxy).proxy).toEqual({
      host: 'proxy.corp',
      port: 3128,
      authorization: `Basic ${Buffer.from('us er:p@ss').toString('base64')}`,
      resolves: false,
    });
    expect(read({ ...proxy, MOTHBALL_OUTBOUND_PROXY_RESOLVES: 'true' }).proxy).toMatchObject({ resolves: true });
  });

  it.each([
    ['MOTHBALL_OUTBOUND_PORTS', ''],
    ['MOTHBALL_OUTBOUND_PORTS', '0'],
    ['MOTHBALL_OUTBOUND_PORTS', '443,x'],
    ['MOTHBALL_OUTBOUND_PORTS', '65536'],
    ['MOTHBALL_OUTBOUND_ALLOWED', 'https://jira.corp'],
    ['MOTHBALL_OUTBOUND_ALLOWED', 'jira.corp:0'],
    ['MOTHBALL_OUTBOUND_ALLOWED', '*.corp'],
    ['MOTHBALL_OUTBOUND_ALLOWED', '10.0.0.0/33'],
    ['MOTHBALL_OUTBOUND_ALLOWED', 'fd12::/16'],
    ['MOTHBALL_OUTBOUND_ALLOWED', '[10.0.0.0/8]'],
    ['MOTHBALL_OUTBOUND_ALLOWED', '[jira.corp]'],
    ['MOTHBALL_OUTBOUND_ALLOWED', 'jira.corp/8'],
    ['MOTHBALL_OUTBOUND_PROXY', 'proxy:3128'],
    ['MOTHBALL_OUTBOUND_PROXY', 'socks5://proxy:3128'],
    ['MOTHBALL_OUTBOUND_PROXY', 'http://proxy:3128/path'],
    ['MOTHBALL_OUTBOUND_PROXY_RESOLVES', 'yes'],
    ['MOTHBALL_OUTBOUND_PROXY_RESOLVES', 'true'],
    ['MOTHBALL_OUTBOUND_LOOPBACK', '1'],
    ['MOTHBALL_OUTBOUND_CA_FILE', '/nowhere/ca.pem'],
    ['MOTHBALL_OUTBOUND_CA_FILE', __filename],
  ])('refuse %s=%j', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(name);
  });

  it('never open this machine in production', () => {
    expect(read({ MOTHBALL_OUTBOUND_LOOPBACK: 'true' }).loopback).toBe(true);
    expect(() => read({ MOTHBALL_OUTBOUND_LOOPBACK: 'true' }, true)).toThrow('never for production');
  });
});
