import type { IamCall, IamOperation } from './iam-call';
import { namedUserOf, roleOf } from './iam-call';
import { modifiable } from './protected-roles';
import { paged } from './paging';
import { limitExceeded, validationError } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { SimPrincipal } from '../../world/model';

const MAX_TAGS = 50;
type Find = (call: IamCall) => SimPrincipal;

const list =
  (find: Find): IamOperation =>
  (call) => {
    const { items, answer } = paged(call, [...find(call).tags], ([key]) => key);
    return { Tags: members(items.map(([Key, Value]) => ({ Key, Value }))), ...answer };
  };

const add =
  (find: Find): IamOperation =>
  (call) => {
    const identity = find(call);
    const tags = call.parameters.tags();
    if (tags.size === 0)
      throw validationError(
        "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null",
      );
    for (const key of tags.keys()) {
      if (key.toLowerCase().startsWith('aws:'))
        throw validationError('aws: prefixed tag key names are not allowed for external use.');
    }
    const after = new Map([...identity.tags, ...tags]);
    if (after.size > MAX_TAGS) throw limitExceeded(`The number of tags has reached the maximum limit: ${MAX_TAGS}.`);
    identity.tags = after;
    return undefined;
  };

const remove =
  (find: Find): IamOperation =>
  (call) => {
    const identity = find(call);
    for (const key of call.parameters.list('TagKeys')) identity.tags.delete(key);
    return undefined;
  };

const modifiableRole: Find = (call) => modifiable(roleOf(call));

export const tagOperations: Record<string, IamOperation> = {
  ListUserTags: list(namedUserOf),
  ListRoleTags: list(roleOf),
  TagUser: add(namedUserOf),
  TagRole: add(modifiableRole),
  UntagUser: remove(namedUserOf),
  UntagRole: remove(modifiableRole),
};
