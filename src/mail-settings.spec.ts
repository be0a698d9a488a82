import { mailAddress, mailDomains, mailFrom, mailOf, smtpUrl } from './mail-settings';

describe('the mail server', () => {
  it('is read with its port, its login and whether it speaks TLS at once', () => {
    expect(smtpUrl.parse('smtps://me%40x:p%3Aw@mail.example.com')).toEqual({
      ...{ host: 'mail.example.com', port: 465, tls: true, loopback: false },
      login: { user: 'me@x', password: 'p:w' },
    });
    expect(smtpUrl.parse('smtp://mail.example.com')).toMatchObject({
      port: 587,
      tls: false,
      loopback: false,
      login: null,
    });
    expect(smtpUrl.parse('smtp://127.0.0.1:2525/')).toMatchObject({ port: 2525, loopback: true });
    expect(smtpUrl.parse('smtp://[::1]:25')).toMatchObject({ host: '::1', loopback: true });
  });

  it.each([
    'mail.example.com',
    'http://mail.example.com',
    'smtp://mail.example.com/?tls.rejectUnauthorized=false',
    'smtp://mail.example.com/?secure=false',
    'smtp://mail.example.com/inbox',
    'smtp://user@mail.example.com',
    'smtp://user:%zz@mail.example.com',
    'smtp://',
  ])('%s is none', (text) => expect(smtpUrl.safeParse(text).success).toBe(false));

  it('needs whom mail is from as well', () => {
    const server = smtpUrl.parse('smtp://127.0.0.1:25');
    const from = { name: 'M', address: 'm@example.com' };
    const of = (given: Partial<Parameters<typeof mailOf>[0]>) => mailOf({ MOTHBALL_MAIL_DOMAINS: [], ...given });
    expect(of({})).toBeNull();
    expect(of({ MOTHBALL_SMTP_URL: server, MOTHBALL_MAIL_FROM: from })).toMatchObject({ host: '127.0.0.1', from });
    expect(() => of({ MOTHBALL_SMTP_URL: server })).toThrow(/MOTHBALL_MAIL_FROM/);
    expect(() => of({ MOTHBALL_MAIL_FROM: from })).toThrow(/MOTHBALL_SMTP_URL/);
    expect(() => of({ MOTHBALL_MAIL_DOMAINS: ['example.com'] })).toThrow(/MOTHBALL_SMTP_URL/);
  });
});

describe('an address', () => {
  it('keeps what is before the @ as it is, since only its owner knows what it means', () => {
    expect(mailAddress.parse('Team.A+x@Example.COM')).toBe('Team.A+x@example.com');
    expect(mailFrom.parse('The Mothball (test) <m@example.com>')).toEqual({
      name: 'The Mothball (test)',
      address: 'm@example.com',
    });
    expect(mailFrom.parse('m@example.com')).toEqual({ name: 'Mothball', address: 'm@example.com' });
    expect(mailDomains.parse('Example.com, example.org')).toEqual(['example.com', 'example.org']);
  });

  it.each([
    ...['', 'team', 'team@', '@example.com', 'a b@example.com', '"a b"@example.com', 'team@example', 'team@127.0.0.1'],
    ...['team@[127.0.0.1]', 'a@b@example.com', 'team@example.com\r\nBcc: all@example.com', 'team@example.com\n'],
    ...['team@example.com, other@example.com', 'Team <team@example.com>', 'tëam@example.com', 'team@exämple.com'],
    ...['team(comment)@example.com', '.team@example.com', 'te..am@example.com', `${'a'.repeat(65)}@example.com`],
    ...[
      `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}.com`,
      'team%other.example@example.com ',
    ],
    ...['team@example.com\0', 'team@-example.com', '@team:x@example.com'],
  ])('%j is none', (text) => expect(mailAddress.safeParse(text).success).toBe(false));

  it.each([
    'A\nBcc: <m@example.com>',
    'm@example.com <m@example.com',
    '<m@example.com>',
    'A "x" <m@example.com>',
    'M <m>',
  ])('mail is not from %j', (text) => expect(mailFrom.safeParse(text).success).toBe(false));
});
