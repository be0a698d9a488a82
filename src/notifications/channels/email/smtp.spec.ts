import { mailFrom, mailOf, smtpUrl } from '../../../mail-settings';
import { emailSettings } from './email-settings';
import { smtpOptions } from './smtp-options';
import { accepted, notAccepted } from './smtp-outcome';

const optionsOf = (url: string) => {
  const settings = mailOf({
    MOTHBALL_SMTP_URL: smtpUrl.parse(url),
    MOTHBALL_MAIL_FROM: mailFrom.parse('m@example.com'),
    MOTHBALL_MAIL_DOMAINS: [],
  });
  if (!settings) throw new Error('no settings');
  return smtpOptions(settings);
};

describe('the mail server is spoken to', () => {
  it('with TLS at once, or by STARTTLS, which is a must but on this very machine', () => {
    expect(optionsOf('smtps://mail.example.com')).toMatchObject({ secure: true, requireTLS: false, ignoreTLS: false });
    expect(optionsOf('smtp://mail.example.com')).toMatchObject({ secure: false, requireTLS: true, ignoreTLS: false });
    expect(optionsOf('smtp://10.0.0.1')).toMatchObject({ requireTLS: true });
    expect(optionsOf('smtp://127.0.0.2')).toMatchObject({ requireTLS: true });
    expect(optionsOf('smtp://127.0.0.1')).toMatchObject({ requireTLS: false, ignoreTLS: true });
    for (const url of ['smtps://mail.example.com', 'smtp://127.0.0.1']) {
      expect(optionsOf(url).tls).toEqual({ minVersion: 'TLSv1.2', rejectUnauthorized: true });
    }
  });
});

describe('recipients', () => {
  const of = (...recipients: unknown[]) => emailSettings.safeParse({ recipients });
  const many = (count: number) => Array.from({ length: count }, (_, n) => `a${n}@example.com`);

  it('are 1 to 20 different addresses and nothing else', () => {
    expect(of(...many(20)).success).toBe(true);
    expect(of(...many(21)).success).toBe(false);
    expect(of().success).toBe(false);
    expect(of('a@example.com', 'A@EXAMPLE.com').success).toBe(false);
    expect(of('a@example.com\r\nBcc: b@example.com').success).toBe(false);
    expect(of(['a@example.com']).success).toBe(false);
    expect(emailSettings.safeParse({ recipients: many(1), bcc: 'x@example.com' }).success).toBe(false);
  });
});

describe('what a mail server says', () => {
  const refusal = (response: string) => ({ recipient: 'a@example.com', response });

  it('is an acceptance where somebody got it, with whoever did not', () => {
    expect(accepted('250 2.0.0 kept', [refusal('550 5.1.1 no such user')])).toEqual({
      ...{ kind: 'accepted', status: 250 },
      answer: '250 2.0.0 kept / Not for a@example.com: 550 5.1.1 no such user',
    });
  });

  it.each(['550 5.1.1 no', '550-5.1.1 no such\n550 5.1.1 user', '556 5.1.10 null MX', '550 5.2.1 disabled'])(
    'is gone where every address is none: %s',
    (response) => {
      const failure = { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO', response };
      expect(notAccepted({ ...failure, rejectedErrors: [refusal(response)] }).kind).toBe('gone');
      expect(notAccepted({ ...failure, rejectedErrors: [refusal(response), refusal('451 4.7.1 later')] }).kind).toBe(
        'failed',
      );
    },
  );

  it.each(['550 5.7.1 relaying denied', '550 no', '552 5.2.2 full', '501 5.1.7 bad sender'])(
    'is a failure, to be seen to: %s',
    (response) => {
      expect(
        notAccepted({ code: 'EENVELOPE', responseCode: 550, response, rejectedErrors: [refusal(response)] }),
      ).toMatchObject({ kind: 'failed', status: 550, answer: response });
    },
  );

  it('does not tell tenants of the operator’s login, address or network', () => {
    const told = [
      notAccepted({ code: 'EAUTH', responseCode: 535, response: '535 5.7.8 user smtp-login@corp: wrong password' }),
      notAccepted({ code: 'ESOCKET', response: undefined }),
      notAccepted({ code: 'EDNS' }),
      notAccepted({ code: 'ETLS', response: '454 mail.internal.corp' }),
    ];
    expect(JSON.stringify(told)).not.toMatch(/smtp-login|corp|wrong password/);
    for (const one of told) expect(one.kind).toBe('failed');
  });
});
