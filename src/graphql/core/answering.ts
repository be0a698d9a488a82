import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { notFound } from '../../errors';
import { type ActArgs, Acting } from './acting';
import { ReadScope } from './read-scope';
import type { Batch, RequestContext } from './request-context';

/** A mutation of one object: its name and arguments, and how the object is read and called. */
export interface ChangeOfOne<T> {
  readonly operation: string;
  readonly args: ActArgs;
  readonly byId: Batch<string, T | null>;
  /** For "… was not found": `The plan`. */
  readonly called: string;
}

/** Changes something in the tenant, and says of which object: its id. */
export type WorkOnOne = (manager: EntityManager, tenantId: string) => Promise<string>;

/** What mutations of one object do afterwards: answer with it as it is then, also when the same request comes again. */
@Injectable()
export class Answering {
  constructor(
    private readonly acting: Acting,
    private readonly scope: ReadScope,
  ) {}

  async after<T>(ask: RequestContext, change: ChangeOfOne<T>, work: WorkOnOne): Promise<T> {
    const { operation, args, byId, called } = change;
    const { id } = await this.acting.inTenant(ask, { operation, args }, async (manager, tenantId) => ({
      id: await work(manager, tenantId),
    }));
    const [found] = await this.scope.read(ask.principal, (reader) => byId.load(reader, [id]), args.tenant ?? null);
    if (found == null) throw notFound(called);
    return found;
  }
}
