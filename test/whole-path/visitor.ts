import type { Answer } from '../harness/app';

interface Cookie {
  readonly value: string;
  readonly path: string;
}

/** A browser as far as signing in and asking go: cookies for each origin, redirections, forms. */
export class Visitor {
  private readonly jars = new Map<string, Map<string, Cookie>>();

  constructor(
    private readonly service: string,
    private readonly sent: string[],
    /** Instead of a session. */
    private readonly token: string | null = null,
  ) {}

  /** Goes to an address and on to wherever it leads. */
  async visit(url: string, form?: Readonly<Record<string, string>>): Promise<{ url: string; html: string }> {
    let at = new URL(url);
    let body = form && new URLSearchParams(form);
    for (let hops = 0; hops < 20; hops++) {
      const response = await fetch(at, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { cookie: this.cookiesFor(at), origin: at.origin },
        ...(body ? { body } : {}),
      });
      this.keep(at, response);
      const location = response.headers.get('location');
      if (location === null) {
        const html = await response.text();
        if (!response.ok) throw new Error(`${at.href} answered ${response.status}: ${html}`);
        return { url: at.href, html };
      }
      await response.arrayBuffer();
      at = new URL(location, at);
      body = undefined;
    }
    throw new Error(`${url} leads round and round.`);
  }

  /** Sends one request to the API; whatever comes back, errors too. */
  async ask<T = Record<string, unknown>>(query: string, variables: object = {}): Promise<Answer<T>> {
    const url = new URL('/graphql', this.service);
    this.sent.push(query);
    const asWhom =
      this.token === null
        ? { cookie: this.cookiesFor(url), origin: url.origin }
        : { authorization: `Bearer ${this.token}` };
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...asWhom },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors = [] } = (await response.json()) as Partial<Answer<T>>;
    return { status: response.status, data: data as T, errors };
  }

  /** The data of a request that must succeed. */
  async get<T>(query: string, variables?: object): Promise<T> {
    const { data, errors } = await this.ask<T>(query, variables);
    if (errors.length > 0) throw new Error(`${query}\nwas answered with errors: ${JSON.stringify(errors)}`);
    return data;
  }

  private cookiesFor({ origin, pathname }: URL): string {
    return [...(this.jars.get(origin) ?? [])]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  private keep({ origin }: URL, response: Response): void {
    const jar = this.jars.get(origin) ?? new Map<string, Cookie>();
    this.jars.set(origin, jar);
    for (const text of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = text.split(/;\s*/);
      const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const path = attributes.find((one) => /^path=/i.test(one))?.slice('path='.length) ?? '/';
      if (value === '') jar.delete(name);
      else jar.set(name, { value, path });
    }
  }
}
