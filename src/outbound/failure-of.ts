import { OutboundFailure, type OutboundFailureKind } from './outbound-failure';

type Told = readonly [OutboundFailureKind, string];

const CERTIFICATE = 'Its certificate is not trusted: ';

/** By the codes of Node, OpenSSL and undici. Their messages name addresses, so they are never shown. */
const BY_CODE: Readonly<Record<string, Told>> = {
  ECONNREFUSED: ['no-answer', 'It refused the connection: nothing listens on that port.'],
  ECONNRESET: ['no-answer', 'It broke the connection off.'],
  EPIPE: ['no-answer', 'It broke the connection off.'],
  UND_ERR_SOCKET: ['no-answer', 'It broke the connection off.'],
  EHOSTUNREACH: ['no-answer', 'There is no way to its network.'],
  ENETUNREACH: ['no-answer', 'There is no way to its network.'],
  ETIMEDOUT: ['timeout', 'It did not answer.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['no-answer', `${CERTIFICATE}it is for another name.`],
  CERT_HAS_EXPIRED: ['no-answer', `${CERTIFICATE}it has expired.`],
  CERT_NOT_YET_VALID: ['no-answer', `${CERTIFICATE}it is not yet valid.`],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['no-answer', `${CERTIFICATE}it is signed by itself.`],
  SELF_SIGNED_CERT_IN_CHAIN: ['no-answer', `${CERTIFICATE}its authority is not a public one.`],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['no-answer', `${CERTIFICATE}its authority is not a public one.`],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'no-answer',
    `${CERTIFICATE}the certificates between it and its authority are missing.`,
  ],
  UND_ERR_HEADERS_OVERFLOW: ['too-large', 'The headers of its answer were too large.'],
};

/** What went wrong, as a sentence for people. `sent`: the request may have arrived. */
export function failureOf(error: unknown, { timeoutMs, timedOut, sent }: Circumstances): OutboundFailure {
  if (error instanceof OutboundFailure) return error;
  if (timedOut)
    return new OutboundFailure('timeout', `There was no complete answer within ${timeoutMs / 1_000} s.`, sent);
  const { name = '', code = '' } = (error ?? {}) as { name?: string; code?: string };
  const [kind, sentence] = BY_CODE[code] ?? otherwise(name, code);
  return new OutboundFailure(kind, sentence, sent);
}

export interface Circumstances {
  readonly timeoutMs: number;
  readonly timedOut: boolean;
  readonly sent: boolean;
}

function otherwise(name: string, code: string): Told {
  if (name === 'AbortError') return ['no-answer', 'The request was called off.'];
  if (name === 'HTTPParserError' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return ['no-answer', 'It answered with something that is not HTTP.'];
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return ['no-answer', 'No secure connection could be made: it does not speak TLS 1.2 or newer there.'];
  }
  return ['no-answer', `The connection failed${/^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? ` (${code})` : ''}.`];
}
