import type { IamCall, IamOperation } from './iam-call';
import { namedUserOf, roleOf } from './iam-call';
import { modifiable } from './protected-roles';
import { paged } from './paging';
import { invalidInput, limitExceeded, validationError } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { SimPrincipal } from '../../world/model';

const MAX_TAGS = 50;
type Find = (call: IamCall) => Pick<SimPrincipal, 'tags'>;

/** The tags of a request that creates something. Throws as `checkTags`. */
export function newTags(call: IamCall): Map<string, string> {
  checkTags(call);
  return call.parameters.tags();
}

/** Keys are unique without regard to case, and those of AWS's own cannot be set. Throws `InvalidInput`. */
function checkTags({ parameters }: IamCall): void {
  const keys = parameters.structures('Tags').map((tag) => tag.text('Key').toLowerCase());
  if (keys.some((key) => key.startsWith('aws:')))
    throw invalidInput('aws: prefixed tag key names are not allowed for external use.');
  if (new Set(keys).size < keys.length)
    throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  if (keys.length > MAX_TAGS) throw tooMany();
}

const tooMany = (): Error => limitExceeded(`The number of tags has reached the maximum limit: ${MAX_TAGS}.`);

export const listTags =
  (find: Find): IamOperation =>
  (call) => {
    const { items, answer } = paged(call, [...find(call).tags], ([key]) => key);
    return { Tags: members(items.map(([Key, Value]) => ({ Key, Value }))), ...answer };
  };

export const addTags =
  (find: Find): IamOperation =>
  (call) => {
    const identity = find(call);
    const tags = call.parameters.tags();
    if (tags.size === 0)
      throw validationError(
        "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null",
      );
    checkTags(call);
    const replaced = new Set([...tags.keys()].map((key) => key.toLowerCase()));
    const kept = [...identity.tags].filter(([key]) => !replaced.has(key.toLowerCase()));
    const after = new Map([...kept, ...tags]);
    if (after.size > MAX_TAGS) throw tooMany();
    identity.tags = after;
    return undefined;
  };

export const removeTags =
  (find: Find): IamOperation =>
  (call) => {
    const identity = find(call);
    const keys = new Set(call.parameters.list('TagKeys').map((key) => key.toLowerCase()));
    if ([...keys].some((key) => key.startsWith('aws:')))
      throw invalidInput('aws: prefixed tag key names are not allowed for external use.');
    for (const key of [...identity.tags.keys()]) {
      if (keys.has(key.toLowerCase())) identity.tags.delete(key);
    }
    return undefined;
  };

const modifiableRole: Find = (call) => modifiable(roleOf(call));

export const tagOperations: Record<string, IamOperation> = {
  ListUserTags: listTags(namedUserOf),
  ListRoleTags: listTags(roleOf),
  TagUser: addTags(namedUserOf),
  TagRole: addTags(modifiableRole),
  UntagUser: removeTags(namedUserOf),
  UntagRole: removeTags(modifiableRole),
};
