import { Injectable } from '@nestjs/common';
import { notFound } from '../../errors';
import { BUILT_IN } from '../../findings/policies/policies-in-force';
import { PolicyQueries } from '../../findings/policies/policy-queries';
import type { Reader } from '../../paging';
import type { ApiId } from '../../api-id';
import { BUILT_IN_ID, Policy } from './policy.type';

/** Single policies, as the API shows them. */
@Injectable()
export class PolicyReads {
  constructor(private readonly queries: PolicyQueries) {}

  /** @throws NOT_FOUND, also for one that is retired, unless it was refused: its versions can still be read. */
  async byId(reader: Reader, { id, tenantId }: Pick<ApiId, 'id' | 'tenantId'>): Promise<Policy> {
    if (reader.tenantId !== null && reader.tenantId !== tenantId) throw notFound('The policy');
    const set = await this.queries.all(reader, tenantId);
    if (id === BUILT_IN_ID) return Policy.builtIn(tenantId, set);
    const found = [...set.policies, ...set.refused].find(({ policy }) => policy.id === id);
    if (!found) throw notFound('The policy');
    return Policy.from(found);
  }

  /** By the id alone. Of the built-in default it says nothing about whose it is: the reader's. */
  async byNode(reader: Reader, id: string): Promise<Policy> {
    const ofBuiltIn = id === BUILT_IN_ID ? reader.tenantId : null;
    const tenantId = ofBuiltIn ?? (await this.queries.find(reader, id)).tenantId;
    return this.byId(reader, { id, tenantId });
  }

  /** The built-in default where nothing of its name was saved. Throws NOT_FOUND. */
  async byName(reader: Reader, tenantId: string, name: string): Promise<Policy> {
    const set = await this.queries.all(reader, tenantId);
    const found = set.policies.find(({ policy }) => policy.name === name);
    if (found) return Policy.from(found);
    if (name !== BUILT_IN) throw notFound('name: the policy');
    return Policy.builtIn(tenantId, set);
  }
}
