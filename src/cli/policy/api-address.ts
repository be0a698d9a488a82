import { badInput } from '../../errors';

/** Where the API is, and as whom. */
export interface ApiAddress {
  readonly url: URL;
  readonly token: string;
}

export interface ApiOptions {
  readonly api?: string;
  readonly allowHttp?: boolean;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The token comes from the environment only: a command line is there for every process of the machine to read.
 * @throws DomainError `BAD_INPUT` naming the option or variable.
 */
export function apiAddress({ api, allowHttp }: ApiOptions, env: NodeJS.ProcessEnv): ApiAddress {
  const written = api ?? env['MOTHBALL_API_URL'];
  if (written === undefined || written === '') {
    throw badInput(
      '--api: say where Mothball is, for example --api https://mothball.example.com, or set MOTHBALL_API_URL.',
    );
  }
  const url = URL.canParse(written) ? new URL(written) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw badInput(`--api: "${written}" is no address; write it as https://HOST, or http://localhost:PORT.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw badInput('--api: leave user and password out of the address; the token belongs in MOTHBALL_API_TOKEN.');
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname) && !allowHttp) {
    throw badInput(
      `--api: ${url.origin} is not encrypted, and the token would be there to read. Use https, or say --allow-http in a network that you trust.`,
    );
  }
  const token = env['MOTHBALL_API_TOKEN'];
  if (token === undefined || token === '') {
    throw badInput('MOTHBALL_API_TOKEN: set it to an API token, which an admin of the tenant makes with createToken.');
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw badInput('MOTHBALL_API_TOKEN: it holds a space, a line break or other characters that no token has.');
  }
  if (url.pathname === '/') url.pathname = '/graphql';
  return { url, token };
}
