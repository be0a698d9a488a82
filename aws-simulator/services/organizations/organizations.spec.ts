import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListChildrenCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  paginateListAccounts,
} from '@aws-sdk/client-organizations';
import type { Account, OrganizationsClient } from '@aws-sdk/client-organizations';
import { allow, makeCaller, organizationsAs, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';

describe('Organizations', () => {
  let simulator: SmallSimulator;
  let organizations: OrganizationsClient;

  beforeAll(async () => {
    simulator = await startSmall({ accounts: 45 });
    organizations = organizationsAs(simulator, makeCaller(simulator, simulator.managementId));
  });
  afterAll(() => simulator.close());

  async function all(): Promise<{ accounts: Account[]; sizes: number[] }> {
    const accounts: Account[] = [];
    const sizes: number[] = [];
    for await (const page of paginateListAccounts({ client: organizations }, {})) {
      accounts.push(...(page.Accounts ?? []));
      sizes.push(page.Accounts?.length ?? 0);
    }
    return { accounts, sizes };
  }

  test('ListAccounts gives at most 20 a page and every account once', async () => {
    const { accounts, sizes } = await all();
    expect(sizes).toEqual([20, 20, 5]);
    expect(accounts.map(({ Id }) => Id)).toEqual([...simulator.world.organization.accounts.keys()]);
    await expect(organizations.send(new ListAccountsCommand({ MaxResults: 21 }))).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
    await expect(organizations.send(new ListAccountsCommand({ NextToken: 'nonsense' }))).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
  });

  test('an empty page can carry a NextToken', async () => {
    simulator.control.setSwitches({ services: { organizationsEmptyPageEvery: 2 } });
    const { accounts, sizes } = await all();
    expect(sizes).toEqual([20, 0, 20, 0, 5]);
    expect(accounts).toHaveLength(45);
    simulator.control.setSwitches({ services: { organizationsEmptyPageEvery: 0 } });
  });

  test('State tells more than Status; either may be missing', async () => {
    const [id = ''] = [...simulator.world.organization.accounts.keys()].slice(-1);
    simulator.control.setAccountState(id, 'CLOSED');
    const account = async () => (await organizations.send(new DescribeAccountCommand({ AccountId: id }))).Account;
    expect(await account()).toMatchObject({ State: 'CLOSED', Status: 'SUSPENDED' });
    simulator.control.setSwitches({ services: { organizationAccountFields: 'onlyState' } });
    expect(await account()).not.toHaveProperty('Status');
    simulator.control.setSwitches({ services: { organizationAccountFields: 'onlyStatus' } });
    expect(await account()).not.toHaveProperty('State');
    simulator.control.setSwitches({ services: { organizationAccountFields: 'both' } });
  });

  test('the tree can be walked down and up, and every account hangs in it once', async () => {
    const { Roots = [] } = await organizations.send(new ListRootsCommand({}));
    const found: string[] = [];
    const walk = async (ParentId: string): Promise<void> => {
      let NextToken: string | undefined;
      do {
        const page = await organizations.send(
          new ListAccountsForParentCommand({ ParentId, ...(NextToken ? { NextToken } : {}) }),
        );
        found.push(...(page.Accounts ?? []).flatMap(({ Id }) => Id ?? []));
        NextToken = page.NextToken;
      } while (NextToken);
      const { OrganizationalUnits = [] } = await organizations.send(
        new ListOrganizationalUnitsForParentCommand({ ParentId }),
      );
      const { Children = [] } = await organizations.send(
        new ListChildrenCommand({ ParentId, ChildType: 'ORGANIZATIONAL_UNIT' }),
      );
      expect(Children.map(({ Id }) => Id)).toEqual(OrganizationalUnits.map(({ Id }) => Id));
      for (const { Id = '' } of OrganizationalUnits) {
        const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: Id }));
        expect(Parents?.[0]?.Id).toBe(ParentId);
        await walk(Id);
      }
    };
    await walk(Roots[0]?.Id ?? '');
    expect(found.sort()).toEqual([...simulator.world.organization.accounts.keys()].sort());
  });

  test('tags cost one call for each account', async () => {
    const summary = [...simulator.world.organization.accounts.values()].find(({ tags }) => tags.size > 0);
    const { Tags = [] } = await organizations.send(new ListTagsForResourceCommand({ ResourceId: summary?.accountId }));
    expect(new Map(Tags.map(({ Key, Value }) => [Key, Value]))).toEqual(summary?.tags);
  });

  test('what does not exist has an error of its own', async () => {
    await expect(organizations.send(new DescribeAccountCommand({ AccountId: '123456789012' }))).rejects.toMatchObject({
      name: 'AccountNotFoundException',
    });
    await expect(organizations.send(new ListParentsCommand({ ChildId: '123456789012' }))).rejects.toMatchObject({
      name: 'ChildNotFoundException',
    });
    await expect(organizations.send(new ListAccountsForParentCommand({ ParentId: 'r-zzzz' }))).rejects.toMatchObject({
      name: 'ParentNotFoundException',
    });
  });

  test('only the management account and delegated administrators may list; members may ask which organization', async () => {
    const [delegated = ''] = simulator.world.organization.delegatedAdministratorIds;
    const member =
      [...simulator.world.organization.accounts.keys()].find(
        (id) => id !== delegated && id !== simulator.managementId,
      ) ?? '';
    const list = (accountId: string) =>
      organizationsAs(simulator, makeCaller(simulator, accountId)).send(new ListAccountsCommand({}));
    await expect(list(delegated)).resolves.toBeDefined();
    await expect(list(member)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
    });
    const asMember = organizationsAs(simulator, makeCaller(simulator, member));
    const { Organization } = await asMember.send(new DescribeOrganizationCommand({}));
    expect(Organization?.MasterAccountId).toBe(simulator.managementId);
    await expect(list(simulator.credentials.accountId)).rejects.toMatchObject({
      name: 'AWSOrganizationsNotInUseException',
    });
  });

  test('each listing needs its permission', async () => {
    const caller = makeCaller(simulator, simulator.managementId, {
      inlinePolicies: { p: allow('organizations:ListRoots') },
    });
    const client = organizationsAs(simulator, caller);
    await expect(client.send(new ListRootsCommand({}))).resolves.toBeDefined();
    await expect(client.send(new ListAccountsCommand({}))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
