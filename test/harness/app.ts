import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from '../../src/app';
import type { AppOptions } from '../../src/app.module';
import type { ConfigValues } from '../../src/config';
import { createTestDatabase, type TestDatabase } from './database';

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly data: T;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

export interface TestApp {
  readonly app: NestExpressApplication;
  readonly database: TestDatabase;
  readonly url: string;
  readonly graphqlUrl: string;
  readonly wsUrl: string;
  /** Sends one operation; whatever comes back, errors too. */
  ask<T = Record<string, unknown>>(token: string | null, query: string, variables?: object): Promise<Answer<T>>;
  /** The data of an operation that must succeed. */
  get<T>(token: string | null, query: string, variables?: object): Promise<T>;
  /** Ends the application and drops its database. */
  stop(): Promise<void>;
}

export interface TestAppOptions extends AppOptions {
  readonly config?: Partial<ConfigValues>;
  /** Default: one of its own, dropped in the end. */
  readonly database?: TestDatabase;
}

/** The whole application in this process, on a database and a port of its own. Role `api` unless said otherwise. */
export async function startTestApp({ config = {}, database, ...options }: TestAppOptions = {}): Promise<TestApp> {
  const used = database ?? (await createTestDatabase());
  const app = await createApp(used.config({ role: 'api', ...config }), options);
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    if (!database) await used.drop();
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const ask = async <T>(token: string | null, query: string, variables: object = {}): Promise<Answer<T>> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors = [] } = (await response.json()) as Partial<Answer<T>>;
    return { status: response.status, data: data as T, errors };
  };
  return {
    app,
    database: used,
    url,
    graphqlUrl: `${url}/graphql`,
    wsUrl: `${url.replace('http', 'ws')}/graphql`,
    ask,
    get: async <T>(token: string | null, query: string, variables?: object): Promise<T> => {
      const { data, errors } = await ask<T>(token, query, variables);
      if (errors.length > 0) throw new Error(`The API answered with errors: ${JSON.stringify(errors)}`);
      return data;
    },
    stop: async () => {
      await app.close();
      if (!database) await used.drop();
    },
  };
}
