import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { DomainError } from '../../errors';
import type { Reader } from '../../paging';
import type { Principal } from '../../tenancy/principal';
import { TokensService } from '../../tenancy/tokens.service';
import { ReadScope } from './read-scope';

/** Reads many things at once, in one short transaction. Answers in the order of the keys. */
export interface Batch<K, V> {
  load(reader: Reader, keys: readonly K[]): Promise<readonly V[]>;
}

/** Nothing of a list or a tree of fields is read by itself: what is asked for in one tick is one batch. */
const LARGEST_BATCH = 1_000;

/** What the resolvers of one request share. */
export class RequestContext {
  private readonly loaders = new Map<object, DataLoader<unknown, unknown, string>>();

  constructor(
    private readonly scope: ReadScope,
    private readonly asking: Principal | DomainError,
    private readonly askAgain: () => Promise<Principal | DomainError>,
  ) {}

  /** Who is asking. Throws UNAUTHENTICATED with what to do. */
  get principal(): Principal {
    if (this.asking instanceof DomainError) throw this.asking;
    return this.asking;
  }

  /** For what goes on for long. Throws UNAUTHENTICATED once the token was revoked or has expired. */
  async mustStillBeValid(): Promise<void> {
    const now = await this.askAgain();
    if (now instanceof DomainError) throw now;
  }

  /** One value of a batch; equal keys are read once a request. */
  load<K, V>(batch: Batch<K, V>, key: K): Promise<V> {
    let loader = this.loaders.get(batch);
    if (!loader) {
      const read = (keys: readonly unknown[]) =>
        this.scope.read(this.principal, (reader) => batch.load(reader, keys as readonly K[]));
      loader = new DataLoader(read, {
        maxBatchSize: LARGEST_BATCH,
        cacheKeyFn: (one) => (typeof one === 'string' ? one : JSON.stringify(one)),
      });
      this.loaders.set(batch, loader);
    }
    return loader.load(key) as Promise<V>;
  }
}

/** What Yoga gives to its context function: an HTTP request's, or a WebSocket's. */
export interface Initial {
  readonly req?: { readonly headers: Readonly<Record<string, string | string[] | undefined>> };
  readonly connectionParams?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Finds out who asks. A refusal is kept for whoever needs a principal: introspection and the explorer need none. */
@Injectable()
export class RequestContexts {
  constructor(
    private readonly tokens: TokensService,
    private readonly scope: ReadScope,
  ) {}

  async open(initial: Initial): Promise<RequestContext> {
    const authorization = authorizationOf(initial);
    return new RequestContext(this.scope, await this.asking(authorization), () => this.asking(authorization));
  }

  /** Whether a WebSocket may stay open: with a good token only. */
  async mayConnect(initial: Initial): Promise<boolean> {
    return !((await this.asking(authorizationOf(initial))) instanceof DomainError);
  }

  private async asking(authorization: string | undefined): Promise<Principal | DomainError> {
    try {
      return await this.tokens.authenticate(authorization);
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }
}

function authorizationOf({ req, connectionParams }: Initial): string | undefined {
  const params = new Map(Object.entries(connectionParams ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const given = params.get('authorization') ?? req?.headers['authorization'];
  return typeof given === 'string' ? given : undefined;
}
