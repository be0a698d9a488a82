import { createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { DAY_MS } from '../../../clock';
import { signedHeaders, type SignedHeaders } from './sign';
import { newSecret, publicKeyOf, type Signing } from './signing-secrets';

const AT = new Date('2026-03-04T05:06:07.890Z');
const MESSAGE = { id: 'evt_ARcBkq-_x', body: '{"data":{"why":"unused, ünbenutzt 🔑"},"type":"finding.opened"}' };

afterEach(() => jest.restoreAllMocks());

describe('a signature', () => {
  it('is what the specification’s own example has', () => {
    // https://docs.svix.com/receiving/verifying-payloads/how-manual: the same scheme, by its first author.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
    expect(signedHeaders(message, new Date(1_614_265_330_000), [secret])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it.each([Webhook, SvixWebhook])('by HMAC is believed by %p', (Verifier) => {
    const { secret, shown } = newSecret('hmac');
    expect(shown).toBe(secret);
    const headers = signedHeaders(MESSAGE, AT, [secret]);
    expect(at(AT, () => new Verifier(shown).verify(MESSAGE.body, headers))).toEqual(JSON.parse(MESSAGE.body));
    expect(() => at(AT, () => new Verifier(shown).verify(`${MESSAGE.body} `, headers))).toThrow();
    expect(() => at(AT, () => new Verifier(newSecret('hmac').shown).verify(MESSAGE.body, headers))).toThrow();
    expect(() =>
      at(AT, () => new Verifier(shown).verify(MESSAGE.body, { ...headers, 'webhook-id': 'evt_b' })),
    ).toThrow();
    const later = new Date(AT.getTime() + 6 * 60_000);
    expect(() => at(later, () => new Verifier(shown).verify(MESSAGE.body, headers))).toThrow();
  });

  it('by ed25519 is believed with the public key alone', () => {
    const { secret, shown } = newSecret('ed25519');
    expect(publicKeyOf(secret)).toBe(shown);
    expect(shown).not.toContain(secret.slice('whsk_'.length, 40));
    const headers = signedHeaders(MESSAGE, AT, [secret]);
    expect(isBelieved(headers, shown)).toBe(true);
    expect(isBelieved(headers, newSecret('ed25519').shown)).toBe(false);
    expect(isBelieved({ ...headers, 'webhook-timestamp': '1' }, shown)).toBe(false);
  });

  it('is there for both secrets while one takes the other’s place, whatever kinds they are', () => {
    for (const [now, before] of [
      ['hmac', 'hmac'],
      ['ed25519', 'ed25519'],
      ['hmac', 'ed25519'],
      ['ed25519', 'hmac'],
    ] as const) {
      const [next, previous] = [newSecret(now), newSecret(before)];
      const headers = signedHeaders(MESSAGE, AT, [next.secret, previous.secret]);
      expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
      expect(isBelieved(headers, next.shown)).toBe(true);
      expect(isBelieved(headers, previous.shown)).toBe(true);
    }
  });

  it.each(['evt_a.1', 'evt a', 'evt_\r\nx', '', 'é'])('is refused for the message id %j', (id) => {
    expect(() => signedHeaders({ id, body: '{}' }, AT, [newSecret('hmac').secret])).toThrow('message id');
  });

  it('is never left out, and never made with what is no secret', () => {
    expect(() => signedHeaders(MESSAGE, AT, [])).toThrow('without a signature');
    expect(() => signedHeaders(MESSAGE, AT, ['secret'])).toThrow('prefix');
    expect(() => signedHeaders(MESSAGE, AT, ['whsk_AAAA'])).toThrow('64 bytes');
  });
});

describe('a receiver that goes over to the new secret', () => {
  it('at any moment of the day on which both sign rejects nothing', () => {
    const kind = fc.constantFrom<Signing>('hmac', 'ed25519');
    const moment = fc.integer({ min: 0, max: DAY_MS });
    const deliveries = fc.array(fc.integer({ min: -DAY_MS, max: 2 * DAY_MS }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(kind, kind, moment, deliveries, (before, after, switchesAfter, times) => {
        const [previous, next] = [newSecret(before), newSecret(after)];
        for (const time of times) {
          const secrets = time < 0 ? [previous.secret] : time < DAY_MS ? [next.secret, previous.secret] : [next.secret];
          const sentAt = new Date(AT.getTime() + time);
          const headers = signedHeaders(MESSAGE, sentAt, secrets);
          const key = time < switchesAfter ? previous.shown : next.shown;
          if (!at(sentAt, () => isBelieved(headers, key))) return false;
        }
        return true;
      }),
      { numRuns: 150 },
    );
  });

  it('and one that goes over a moment too late is told apart: it rejects', () => {
    const [previous, next] = [newSecret('hmac'), newSecret('hmac')];
    const headers = signedHeaders(MESSAGE, AT, [next.secret]);
    expect(isBelieved(headers, previous.shown)).toBe(false);
  });
});

/** As a receiver does: the library where it knows how, for the asymmetric kind by the specification. */
function isBelieved(headers: SignedHeaders, shown: string): boolean {
  if (shown.startsWith('whsec_')) {
    try {
      at(new Date(Number(headers['webhook-timestamp']) * 1_000), () =>
        new Webhook(shown).verify(MESSAGE.body, headers),
      );
      return true;
    } catch {
      return false;
    }
  }
  const x = Buffer.from(shown.slice('whpk_'.length), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const content = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${MESSAGE.body}`);
  return headers['webhook-signature'].split(' ').some((one) => {
    const [version, signature = ''] = one.split(',');
    return version === 'v1a' && verify(null, content, key, Buffer.from(signature, 'base64'));
  });
}

/** The libraries look at the real clock. */
function at<T>(time: Date, work: () => T): T {
  jest.spyOn(Date, 'now').mockReturnValue(time.getTime());
  return work();
}
