import { createHash } from 'node:crypto';
import type { YogaDriverConfig } from '@graphql-yoga/nestjs';
import type { GraphiQLOptions, Plugin } from 'graphql-yoga';

const EXAMPLE = `# Whoever has signed in at / can ask at once. Else, under Headers:
#   { "Authorization": "Bearer mothball_…" }
# and, when you belong to several tenants:
#   { "Mothball-Tenant": "its name" }
{
  findings(first: 20, filter: { status: OPEN }) {
    totalCount
    nodes {
      severity
      idleDays
      why
      check { title }
      account { awsAccountId name }
      identity { __typename name arn }
    }
  }
}`;

export interface Explorer {
  readonly options: Pick<YogaDriverConfig, 'graphiql' | 'renderGraphiQL'>;
  readonly plugin: Plugin;
}

/**
 * The explorer comes from this server alone: a page that is given tokens loads nothing from elsewhere, and the browser is
 * told so. 9 MB, so only where wanted.
 */
export async function explorer(): Promise<Explorer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  let page: string | undefined;
  let policy = '';
  // The same for everybody, so made once.
  const render = (options: GraphiQLOptions | undefined): string => {
    if (page === undefined) {
      page = renderGraphiQL(options);
      policy = policyOf(page);
    }
    return page;
  };
  return {
    options: { graphiql: { title: 'Mothball', defaultQuery: EXAMPLE }, renderGraphiQL: render },
    plugin: {
      onResponse: ({ response }) => {
        if (response.headers.get('content-type')?.startsWith('text/html')) {
          response.headers.set('content-security-policy', policy);
        }
      },
    },
  };
}

/** What the page needs and no more: its own scripts by their hashes, the editor's styles, its workers. */
function policyOf(page: string): string {
  const scripts = [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    "style-src 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "connect-src 'self'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
