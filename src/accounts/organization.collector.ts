import {
  type Account,
  DescribeOrganizationCommand,
  paginateListAccounts,
  paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent,
  paginateListRoots,
  paginateListTagsForResource,
} from '@aws-sdk/client-organizations';
import type { AccountAccess } from '../aws/account-access';
import { DomainError } from '../errors';

/** What the listing role must be allowed to do. */
export const permissions = [
  'organizations:DescribeOrganization',
  'organizations:ListAccounts',
  'organizations:ListAccountsForParent',
  'organizations:ListOrganizationalUnitsForParent',
  'organizations:ListRoots',
  'organizations:ListTagsForResource',
] as const;

export interface ListedAccount {
  readonly awsAccountId: string;
  readonly name: string;
  /** PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE or CLOSED. */
  readonly state: string;
  /** `/Workloads/Prod`; `/` directly under the root; null where the tree does not show the account. */
  readonly ouPath: string | null;
}

export interface ListedOrganization {
  readonly awsOrganizationId: string | null;
  readonly accounts: readonly ListedAccount[];
}

/** ListAccounts allows no more. https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html */
const PAGE_SIZE = 20;

/**
 * Reads an organization. `ListAccounts` alone says who belongs to it: an account that is moved while the tree is read
 * could be missed there, and would be taken for gone. The SDK's paginators follow empty pages that carry a token.
 */
export async function collectOrganization(access: AccountAccess): Promise<ListedOrganization> {
  const client = access.organizations;
  try {
    const { Organization } = await client.send(new DescribeOrganizationCommand({}));
    const listed: Account[] = [];
    for await (const page of advancing(paginateListAccounts({ client, pageSize: PAGE_SIZE }, {})))
      listed.push(...(page.Accounts ?? []));
    const paths = await collectPaths(access);
    const accounts: ListedAccount[] = [];
    // An account that joins while pages are read may be on two of them.
    for (const account of new Map(listed.map((one) => [one.Id, one])).values()) {
      if (!account.Id) continue;
      accounts.push({
        awsAccountId: account.Id,
        name: account.Name ?? account.Id,
        // Status is being retired in favour of State (2026-09-09).
        state: account.State ?? account.Status ?? 'ACTIVE',
        ouPath: paths.get(account.Id) ?? null,
      });
    }
    return { awsOrganizationId: Organization?.Id ?? null, accounts };
  } catch (error) {
    throw access.explain(error);
  }
}

/** The SDK's paginators follow a token that comes again for ever; here that is an error. */
async function* advancing<P extends { NextToken?: string | undefined }>(pages: AsyncIterable<P>): AsyncGenerator<P> {
  const followed = new Set<string>();
  for await (const page of pages) {
    yield page;
    if (!page.NextToken) continue;
    if (followed.has(page.NextToken)) {
      throw new DomainError('AWS_ERROR', 'AWS sent a page of a list again instead of the next: it is incomplete.', {
        retryable: true,
        remedy: 'Sync again; if it stays, the endpoint does not page as Organizations does.',
      });
    }
    followed.add(page.NextToken);
  }
}

async function collectPaths(access: AccountAccess): Promise<Map<string, string>> {
  const client = access.organizations;
  const paths = new Map<string, string>();
  const open: { id: string; path: string }[] = [];
  const met = new Set<string>();
  for await (const page of advancing(paginateListRoots({ client }, {}))) {
    for (const root of page.Roots ?? []) if (root.Id) open.push({ id: root.Id, path: '' });
  }
  for (let parent = open.shift(); parent; parent = open.shift()) {
    const { id: ParentId, path } = parent;
    met.add(ParentId);
    const readAccounts = async (): Promise<void> => {
      for await (const page of advancing(
        paginateListAccountsForParent({ client, pageSize: PAGE_SIZE }, { ParentId }),
      )) {
        for (const account of page.Accounts ?? []) if (account.Id) paths.set(account.Id, path || '/');
      }
    };
    const readUnits = async (): Promise<void> => {
      for await (const page of advancing(
        paginateListOrganizationalUnitsForParent({ client, pageSize: PAGE_SIZE }, { ParentId }),
      )) {
        for (const unit of page.OrganizationalUnits ?? []) {
          // One that is moved meanwhile may be met twice.
          if (unit.Id && !met.has(unit.Id)) open.push({ id: unit.Id, path: `${path}/${unit.Name ?? unit.Id}` });
        }
      }
    };
    // Each has a rate of its own.
    await Promise.all([readAccounts(), readUnits()]);
  }
  return paths;
}

export interface AccountTags {
  readonly awsAccountId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The tags of all accounts, one call each: for a large organization a matter of hours, so they come bit by bit. */
export async function* collectAccountTags(access: AccountAccess): AsyncGenerator<AccountTags> {
  const client = access.organizations;
  try {
    for await (const page of advancing(paginateListAccounts({ client, pageSize: PAGE_SIZE }, {}))) {
      for (const { Id } of page.Accounts ?? []) if (Id) yield { awsAccountId: Id, tags: await collectTags(access, Id) };
    }
  } catch (error) {
    throw access.explain(error);
  }
}

async function collectTags(access: AccountAccess, accountId: string): Promise<Record<string, string>> {
  const tags: Record<string, string> = {};
  const client = access.organizations;
  for await (const page of advancing(paginateListTagsForResource({ client }, { ResourceId: accountId }))) {
    for (const tag of page.Tags ?? []) if (tag.Key) tags[tag.Key] = tag.Value ?? '';
  }
  return tags;
}
