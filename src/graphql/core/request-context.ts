import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { DomainError } from '../../errors';
import type { Reader } from '../../paging';
import type { Actor } from '../../tenancy/actor';
import { type Asking, Authentication } from '../../tenancy/authentication.service';
import type { Credential, Identity } from '../../tenancy/credential';
import { LiveCredentials } from '../../tenancy/live-credentials.service';
import { forPeopleOnly } from '../../tenancy/people/people.service';
import type { Principal } from '../../tenancy/principal';
import { mustBeAllowed, type Operation } from './permissions';
import { type Initial, OwnPages } from './own-pages';
import { ReadScope } from './read-scope';
import { type Origin, Origins } from './request-origin';

export type { Initial } from './own-pages';

/** Reads many things at once, in one short transaction. Answers in the order of the keys. */
export interface Batch<K, V> {
  load(reader: Reader, keys: readonly K[]): Promise<readonly V[]>;
}

/** Nothing of a list or a tree of fields is read by itself: what is asked for in one tick is one batch. */
const LARGEST_BATCH = 1_000;

interface Around {
  readonly scope: ReadScope;
  readonly live: LiveCredentials;
  readonly askAgain: () => Promise<Asking>;
}

/** What the resolvers of one request share. */
export class RequestContext {
  private readonly loaders = new Map<object, DataLoader<unknown, unknown, string>>();

  constructor(
    private readonly asking: Asking,
    readonly origin: Origin,
    private readonly around: Around,
  ) {}

  /** Who is acting, for the audit log. Throws UNAUTHENTICATED. */
  get actor(): Actor {
    const { kind, id, name, tenantId, role, standsFor } = this.principal;
    return { kind, id, name, tenantId, role, standsFor, ...this.origin };
  }

  /** Who is asking. Throws UNAUTHENTICATED, NOT_A_MEMBER or TENANT_NOT_CHOSEN with what to do. */
  get principal(): Principal {
    return this.credential.principal;
  }

  /** Whether somebody is asking whom we know. Throws UNAVAILABLE where that cannot be told. */
  get isSomebody(): boolean {
    const { answer } = this.asking;
    if (answer instanceof DomainError && answer.retryable) throw answer;
    return !(answer instanceof DomainError);
  }

  /** Whose requests these are, where they are counted: a person's in all of their tenants, a token's; null: nobody's. */
  get countedAs(): string | null {
    const { identity, answer } = this.asking;
    if (identity !== null) return `person ${identity.issuer} ${identity.subject}`;
    return answer instanceof DomainError ? null : `token ${answer.principal.id}`;
  }

  /** By which right. Throws the same. */
  get credential(): Credential {
    const { answer } = this.asking;
    if (answer instanceof DomainError) throw answer;
    return answer;
  }

  /** The person who is signed in, whether or not they belong to a tenant. Throws UNAUTHENTICATED, or FORBIDDEN for a token. */
  get person(): Identity {
    const { identity, answer } = this.asking;
    if (identity !== null) return identity;
    throw answer instanceof DomainError ? answer : forPeopleOnly();
  }

  /** Throws FORBIDDEN saying for whom it is, or why nobody in particular is asking. */
  mustBeAllowed(operation: Operation): void {
    // The one thing that can be done before one belongs to a tenant.
    if (operation === 'join' && this.asking.identity !== null) return;
    mustBeAllowed(operation, this.principal);
  }

  /** For what goes on for long. Throws UNAUTHENTICATED once the credential was revoked or has expired, or means less. */
  async mustStillBeValid(): Promise<void> {
    const ended = await this.ended();
    if (ended) throw ended;
  }

  /** Calls `end` once, when the credential is good no more. Returns what ends the watch. */
  whenEnded(end: (reason: DomainError) => void): () => void {
    const { endsWith, expiresAt } = this.credential;
    const look = (): void => {
      this.ended()
        .then((reason) => {
          if (reason === null) return;
          stop();
          end(reason);
        })
        // The database is away: what is open stays so until somebody can tell.
        .catch(() => {});
    };
    const stop = this.around.live.watch({ endsWith, expiresAt, look });
    return stop;
  }

  private async ended(): Promise<DomainError | null> {
    const { answer } = await this.around.askAgain();
    if (answer instanceof DomainError) return answer.retryable ? null : answer;
    const { id, role, tenantId } = this.principal;
    const now = answer.principal;
    if (now.id === id && now.role === role && now.tenantId === tenantId) return null;
    return new DomainError('UNAUTHENTICATED', 'Your role has changed. Connect again.');
  }

  /** For what goes on for long: what was read so far may have changed. */
  readAgain(): void {
    this.loaders.clear();
  }

  /** One value of a batch; equal keys are read once a request. */
  load<K, V>(batch: Batch<K, V>, key: K): Promise<V> {
    let loader = this.loaders.get(batch);
    if (!loader) {
      const read = (keys: readonly unknown[]) =>
        this.around.scope.read(this.principal, (reader) => batch.load(reader, keys as readonly K[]));
      loader = new DataLoader(read, {
        maxBatchSize: LARGEST_BATCH,
        cacheKeyFn: (one) => (typeof one === 'string' ? one : JSON.stringify(one)),
      });
      this.loaders.set(batch, loader);
    }
    return loader.load(key) as Promise<V>;
  }
}

/** Finds out who asks. A refusal is kept for whoever needs a principal: introspection and the explorer need none. */
@Injectable()
export class RequestContexts {
  constructor(
    private readonly authentication: Authentication,
    private readonly pages: OwnPages,
    private readonly live: LiveCredentials,
    private readonly scope: ReadScope,
    private readonly origins: Origins,
  ) {}

  async open(initial: Initial): Promise<RequestContext> {
    const origin = this.origins.of(initial.req);
    const presented = { ...this.pages.presentedBy(initial), sourceAddress: origin.sourceAddress };
    const askAgain = (): Promise<Asking> => this.authentication.ask({ ...presented, again: true });
    return new RequestContext(await this.authentication.ask(presented), origin, {
      scope: this.scope,
      live: this.live,
      askAgain,
    });
  }
}
