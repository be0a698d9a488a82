import { START } from './small-world';
import { World } from './world';

const clock = (): number => START;
const trusted = 'arn:aws:iam::000000000042:user/mothball';

const holders = (world: World): string[] =>
  [...world.organization.accounts.keys()].filter((id) => world.account(id)?.roles.has('scan'));

describe('a deployed role', () => {
  it('reaches accounts that were made before and accounts that are made later, the same', () => {
    const [early, late] = [new World({ seed: 1, clock }), new World({ seed: 1, clock })];
    const ids = [...early.organization.accounts.keys()];
    for (const id of ids) early.account(id);
    for (const world of [early, late]) {
      world.deployRole({ roleName: 'Scan', trustedPrincipalArn: trusted, externalIdPrefix: 'x', accounts: 'all' });
    }
    expect(holders(early)).toHaveLength(24);
    for (const id of ids) expect(early.account(id)?.roles.get('scan')).toEqual(late.account(id)?.roles.get('scan'));
  });

  it('passes over the account whose role is missing, and the management account where a StackSet would', () => {
    const world = new World({ seed: 1, clock });
    world.deployRole({ roleName: 'Scan', trustedPrincipalArn: trusted, accounts: 'all', exceptManagement: true });
    const [missing = ''] = world.missingRoleAccountIds;
    expect(holders(world)).not.toContain(missing);
    expect(holders(world)).not.toContain(world.organization.managementAccountId);
    world.deployRole({ roleName: 'Scan', trustedPrincipalArn: trusted, accounts: [missing] });
    expect(holders(world)).toContain(missing);
  });

  it('asks for an external id of its own in each account, for AssumeRole only', () => {
    const world = new World({ seed: 1, clock });
    world.deployRole({ roleName: 'Scan', trustedPrincipalArn: trusted, externalIdPrefix: 'pre', accounts: 'all' });
    const id = world.organization.managementAccountId;
    const trust = JSON.parse(world.account(id)?.roles.get('scan')?.trustPolicy ?? '{}') as { Statement: object[] };
    expect(trust.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { AWS: trusted },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': `pre-${id}` } },
      },
      { Effect: 'Allow', Principal: { AWS: trusted }, Action: ['sts:SetSourceIdentity', 'sts:TagSession'] },
    ]);
  });

  it('is updated in place when it is deployed again', () => {
    const world = new World({ seed: 1, clock });
    const id = world.organization.managementAccountId;
    world.deployRole({ roleName: 'Scan', trustedPrincipalArn: trusted, accounts: 'all' });
    const before = world.account(id)?.roles.get('scan');
    world.deployRole({ roleName: 'Scan', trustedPrincipalArn: trusted, externalId: 'new', accounts: 'all' });
    const after = world.account(id)?.roles.get('scan');
    expect(after?.uniqueId).toBe(before?.uniqueId);
    expect(after?.trustPolicy).toContain('"sts:ExternalId":"new"');
  });

  it('to no account is an error', () => {
    const world = new World({ seed: 1, clock });
    expect(() => world.deployRole({ roleName: 'Scan', trustedPrincipalArn: trusted, accounts: [] })).toThrow(
      /no account/,
    );
  });
});
