import { endpointChange, endpointRequest, parsed } from './endpoint-request';

const good = { name: ' SIEM ', channel: 'webhook', settings: { url: 'https://example.com/hook' } };

describe('a request for an endpoint', () => {
  it('needs a name, a channel and its settings', () => {
    expect(parsed(endpointRequest, good, 'endpoint')).toEqual({
      ...{ ...good, name: 'SIEM' },
      ...{ filter: {}, sends: 'single' },
    });
  });

  it.each<[object, RegExp]>([
    [{ ...good, name: '  ' }, /^name: say what it is/],
    [{ ...good, name: 'a\nb' }, /^name: must be one line/],
    [{ ...good, name: 'a\u202Eb' }, /^name: must be one line/],
    [{ ...good, channel: 'fax' }, /^channel: /],
    [{ ...good, sends: 'hourly' }, /^sends: /],
    [{ ...good, concurrency: 21 }, /^concurrency: must be 20 or less/],
    [{ ...good, perMinute: 0 }, /^perMinute: must be 1 or more/],
    [{ ...good, filter: { check: 'unused-role' } }, /^filter\.check: there is no such field/],
    [{ ...good, colour: 'red' }, /^colour: there is no such field/],
    [{ channel: 'webhook', settings: {} }, /^name: /],
  ])('is refused as %j', (request, sentence) => {
    expect(() => parsed(endpointRequest, request, 'endpoint')).toThrow(sentence);
  });

  it('changes only what it names, and never the channel', () => {
    expect(parsed(endpointChange, { sends: 'batch' }, 'endpoint')).toEqual({ sends: 'batch' });
    expect(() => parsed(endpointChange, { channel: 'slack' }, 'endpoint')).toThrow(/channel: there is no such field/);
  });
});
