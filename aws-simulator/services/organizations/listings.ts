import { AwsError } from '../../protocol/aws-error';
import { accountElement, unitElement } from './elements';
import type { JsonObject, OrganizationsCall, OrganizationsOperation } from './organizations';
import { CHILD_ID, PARENT_ID, at, invalidInput, optionalText, organizationRootArn, text } from './targets';

const MAX_PAGE = 20;

export const listings: Record<string, OrganizationsOperation> = {
  ListAccounts: (call) => {
    const { items, next } = page(call, [...at(call).organization.accounts.values()]);
    return { Accounts: items.map((account) => accountElement(call, account)), ...next };
  },

  ListRoots: (call) => {
    const { organization } = at(call);
    const root = { Id: organization.rootId, Arn: organizationRootArn(at(call)), Name: 'Root', PolicyTypes: [] };
    const { items, next } = page(call, [root]);
    return { Roots: items, ...next };
  },

  ListAccountsForParent: (call) => {
    const { items, next } = page(call, accountsIn(call, parentOf(call)));
    return { Accounts: items.map((account) => accountElement(call, account)), ...next };
  },

  ListOrganizationalUnitsForParent: (call) => {
    const { items, next } = page(call, unitsIn(call, parentOf(call)));
    return { OrganizationalUnits: items.map((unit) => unitElement(call, unit)), ...next };
  },

  ListChildren: (call) => {
    const parentId = parentOf(call);
    const type = text(call.input, 'ChildType', /^(ACCOUNT|ORGANIZATIONAL_UNIT)$/);
    const ids =
      type === 'ACCOUNT'
        ? accountsIn(call, parentId).map(({ accountId }) => accountId)
        : unitsIn(call, parentId).map(({ id }) => id);
    const { items, next } = page(call, ids);
    return { Children: items.map((Id) => ({ Id, Type: type })), ...next };
  },

  ListParents: (call) => {
    const { organization } = at(call);
    const childId = text(call.input, 'ChildId', CHILD_ID);
    const parentId = organization.accounts.get(childId)?.parentId ?? organization.units.get(childId)?.parentId;
    if (parentId === undefined)
      throw new AwsError('ChildNotFoundException', "You specified a child that doesn't exist.");
    const Type = parentId === organization.rootId ? 'ROOT' : 'ORGANIZATIONAL_UNIT';
    return { Parents: [{ Id: parentId, Type }] };
  },
};

/** Throws `ParentNotFoundException`. */
function parentOf(call: OrganizationsCall): string {
  const { organization } = at(call);
  const id = text(call.input, 'ParentId', PARENT_ID);
  if (id !== organization.rootId && !organization.units.has(id)) {
    throw new AwsError('ParentNotFoundException', "You specified parent that doesn't exist.");
  }
  return id;
}

const accountsIn = (call: OrganizationsCall, parentId: string) =>
  [...at(call).organization.accounts.values()].filter((account) => account.parentId === parentId);

const unitsIn = (call: OrganizationsCall, parentId: string) =>
  [...at(call).organization.units.values()].filter((unit) => unit.parentId === parentId);

/** Pages of at most 20. By a switch every n-th page is empty and carries a `NextToken` all the same, as AWS's may. */
function page<T>(call: OrganizationsCall, all: readonly T[]): { items: T[]; next: JsonObject } {
  const asked = call.input.MaxResults ?? MAX_PAGE;
  if (typeof asked !== 'number' || !Number.isInteger(asked) || asked < 1 || asked > MAX_PAGE) {
    throw invalidInput(`You specified an invalid value for MaxResults: between 1 and ${MAX_PAGE}.`);
  }
  const { start, pageNumber } = readToken(optionalText(call.input, 'NextToken'));
  const every = call.simulation.switches.organizationsEmptyPageEvery;
  const empty = every > 0 && pageNumber % every === 0 && start < all.length;
  const end = empty ? start : start + asked;
  const next = end < all.length ? { NextToken: writeToken(end, pageNumber + 1) } : {};
  return { items: all.slice(start, end), next };
}

const writeToken = (start: number, pageNumber: number): string =>
  Buffer.from(`${start} ${pageNumber}`).toString('base64');

function readToken(token: string | undefined): { start: number; pageNumber: number } {
  if (token === undefined) return { start: 0, pageNumber: 1 };
  const match = /^(\d+) (\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (!match) throw invalidInput('You provided an invalid NextToken.');
  return { start: Number(match[1]), pageNumber: Number(match[2]) };
}
