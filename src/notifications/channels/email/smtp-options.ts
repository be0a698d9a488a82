import type { MailSettings } from '../../../mail-settings';

const CONNECT_MS = 5_000;
const SILENCE_MS = 10_000;

/**
 * What nodemailer is told. Certificates are checked, and where TLS does not begin with the first byte, STARTTLS is a
 * must: whoever strips it from the greeting gets neither the password nor the mail. Not so on this very machine.
 * https://nodemailer.com/smtp
 */
export function smtpOptions({ host, port, tls, loopback, login }: MailSettings) {
  return {
    host,
    port,
    secure: tls,
    requireTLS: !tls && !loopback,
    ignoreTLS: !tls && loopback,
    tls: { minVersion: 'TLSv1.2' as const, rejectUnauthorized: true },
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    // What is sent is what we made: no file and no address is read for it.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
