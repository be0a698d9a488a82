import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { type RunningSimulator, startSimulator } from '../../aws-simulator/server';
import { memberOf, mothball } from '../cli/simulated-audit';
import { evaluateTemplate, roleOf } from '../deploy/evaluate-template';
import { Page } from './page';
import { type Service, startService } from './service';
import type { Visitor } from './visitor';

/**
 * A tenant's whole path through what everybody can reach: the browser's sign-in, the API, the command line, AWS's own
 * interface. The requests are those of the page, the steps its headings, in its order.
 */
jest.setTimeout(120_000);

const page = new Page('getting-started-tenant.md');
const walked: string[] = [];
let stumbledAt: string | null = null;

/** One step; after one that failed the others say so. */
const step = (title: string, walk: () => Promise<void>): void => {
  walked.push(title);
  it(title, async () => {
    if (stumbledAt !== null) throw new Error(`Not walked: it ended at "${stumbledAt}".`);
    stumbledAt = title;
    await walk();
    stumbledAt = null;
  });
};

let simulator: RunningSimulator;
let service: Service;
let folder: string;
let alice: Visitor;
let bob: Visitor;
let carol: Visitor;
let invitation: string;
let account: { id: string; awsAccountId: string };
let setup: {
  roleArn: string;
  deployment: { template: string; parameters: { key: string; value: string }[]; cliCommands: string[] };
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mothball-path-'));
  simulator = await startSimulator({
    seed: 11,
    accounts: 2,
    usersPerAccount: 30,
    rolesPerAccount: 40,
    pacing: 'unlimited',
  });
  service = await startService(simulator);
});

afterAll(async () => {
  await service?.stop();
  await simulator?.close();
  rmSync(folder, { recursive: true });
});

/** What was decided and done, in its order, as the log tells it; other entries may stand between. */
const decisions = [
  'invitation.created by Alice Almeida',
  'invitation.accepted by Bob Baker',
  'invitation.created by Bob Baker',
  'invitation.accepted by Carol Castillo',
  'registerAccount by Bob Baker',
  'account.refused by verify-account',
  'verifyAccount by Bob Baker',
  'account.verified by verify-account',
  'scan.completed by scan-account',
  'finding.opened by judge-account',
  'token.created by Bob Baker',
  'policy.saved by policies',
  'finding.resolved by judge-account',
  'exemption.proposed by Bob Baker',
  'request.refused by Bob Baker',
  'request.refused by another me',
  'exemption.agreed by Carol Castillo',
  'finding.exempt by judge-account',
];

const ask = <T>(who: Visitor, request: string, variables: object = {}): Promise<T> =>
  who.get<T>(page.request(request), variables);

interface Open {
  findings: {
    totalCount: number;
    nodes: {
      id: string;
      why: string;
      check: { id: string };
      identity: { __typename: string; name?: string; arn: string; uniqueId?: string };
      policy: { name: string; version: number } | null;
    }[];
  };
}

const open = async (who: Visitor): Promise<Open['findings']> => (await ask<Open>(who, 'Open')).findings;
const ids = ({ nodes }: Open['findings']): Set<string> => new Set(nodes.map(({ id }) => id));
const minus = (some: ReadonlySet<string>, others: ReadonlySet<string>): string[] =>
  [...some].filter((one) => !others.has(one));

/** How each finding stands: check and identity → status. */
async function standing(who: Visitor): Promise<Map<string, string>> {
  const { findings } = await who.get<{
    findings: {
      nodes: { status: string; check: { id: string }; identity: { name: string } }[];
      pageInfo: { hasNextPage: boolean };
    };
  }>(`{ findings(first: 200) { nodes { status check { id } identity { name } } pageInfo { hasNextPage } } }`);
  expect(findings.pageInfo.hasNextPage).toBe(false);
  return new Map(findings.nodes.map(({ status, check, identity }) => [`${check.id} ${identity.name}`, status]));
}

interface Preview {
  changes: { totalCount: number; nodes: { change: string; check: { id: string }; identity: { name: string } }[] };
}

/** In the words of a preview. */
function changesBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const words: Record<string, string> = { OPEN: 'OPENED', RESOLVED: 'RESOLVED', EXEMPT: 'EXEMPTED' };
  return [...after]
    .filter(([finding, status]) => before.get(finding) !== status)
    .map(
      ([finding, status]) =>
        `${status === 'OPEN' && before.get(finding) === 'RESOLVED' ? 'REOPENED' : words[status]} ${finding}`,
    )
    .sort();
}

async function until<T>(look: () => Promise<T>, enough: (seen: T) => boolean): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const seen = await look();
    if (enough(seen)) return seen;
    if (Date.now() > end) throw new Error(`It did not come about; last seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

step('1. The platform makes the tenant', async () => {
  alice = await service.signIn('alice');
  const { createTenant } = await ask<{ createTenant: { id: string } }>(alice, 'MakeTenant', { name: 'Payments' });
  const invited = await ask<{ createInvitation: { secret: string } }>(alice, 'InviteFirst', {
    tenant: createTenant.id,
    email: 'bob@example.com',
  });
  invitation = invited.createInvitation.secret;
});

step("2. The tenant's first person joins", async () => {
  bob = await service.signIn('bob');
  // Signed in, and still nobody here.
  expect((await bob.ask(page.request('Open'))).errors).not.toEqual([]);
  expect(await ask(bob, 'Join', { secret: invitation })).toEqual({
    acceptInvitation: { tenantName: 'Payments', role: 'ADMIN' },
  });
  expect(await ask(bob, 'WhoAmI')).toMatchObject({ viewer: { role: 'ADMIN', tenant: { name: 'Payments' } } });
});

step('3. A second person joins', async () => {
  const { createInvitation } = await ask<{ createInvitation: { secret: string } }>(bob, 'InviteSecond', {
    email: 'carol@example.com',
  });
  carol = await service.signIn('carol');
  // The first one's link is used up.
  expect((await carol.ask(page.request('Join'), { secret: invitation })).errors).not.toEqual([]);
  await ask(carol, 'Join', { secret: createInvitation.secret });
  expect(await ask(carol, 'WhoAmI')).toMatchObject({ viewer: { role: 'APPROVER' } });
});

step('4. Register an account', async () => {
  const awsAccountId = memberOf(simulator);
  const { registerAccount } = await ask<{
    registerAccount: { id: string; coverage: string; setup: typeof setup };
  }>(bob, 'Register', { awsAccountId, name: 'payments-prod' });
  expect(registerAccount.coverage).toBe('PENDING');
  account = { id: registerAccount.id, awsAccountId };
  ({ setup } = registerAccount);
  expect(setup.deployment.cliCommands.join('\n')).toContain('aws cloudformation');
});

step('5. Create the role', async () => {
  // Before there is one, verification says what is missing, and the account stays nobody's.
  const early = await ask<{ verifyAccount: { verified: boolean; problem: string; remedy: string } }>(bob, 'Verify', {
    id: account.id,
  });
  expect(early.verifyAccount).toMatchObject({ verified: false });
  expect(early.verifyAccount.remedy).toBeTruthy();

  // CloudFormation's part, with the credentials of the account's own administrator.
  const { template, parameters } = setup.deployment;
  const made = evaluateTemplate(template, {
    accountId: account.awsAccountId,
    parameters: Object.fromEntries(parameters.map(({ key, value }) => [key, value])),
  });
  const role = roleOf(made, 'ScanRole');
  const iam = administratorOf(account.awsAccountId);
  await iam.send(
    new CreateRoleCommand({
      RoleName: role.RoleName,
      Path: role.Path,
      Description: role.Description,
      AssumeRolePolicyDocument: JSON.stringify(role.AssumeRolePolicyDocument),
    }),
  );
  for (const { PolicyName, PolicyDocument } of role.Policies) {
    const inline = { RoleName: role.RoleName, PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) };
    await iam.send(new PutRolePolicyCommand(inline));
  }
  iam.destroy();
  expect(`arn:aws:iam::${account.awsAccountId}:role${role.Path}${role.RoleName}`).toBe(setup.roleArn);
});

step('6. Verify it', async () => {
  interface Verified {
    verifyAccount: {
      verified: boolean;
      problem: string | null;
      account: {
        verification: {
          roleOutcome: string;
          permissions: { action: string; state: string; remedy: string | null }[];
          tooWide: unknown[];
        };
      };
    };
  }
  const { verifyAccount } = await ask<Verified>(bob, 'Verify', { id: account.id });
  expect(verifyAccount).toMatchObject({ verified: true, problem: null });
  const { roleOutcome, permissions, tooWide } = verifyAccount.account.verification;
  expect({ roleOutcome, tooWide }).toEqual({ roleOutcome: 'OK', tooWide: [] });
  expect(permissions.length).toBeGreaterThan(5);
  const option = { action: 'cloudtrail:LookupEvents', state: 'NOT_GRANTED' };
  expect(permissions.filter(({ state }) => state !== 'PRESENT')).toMatchObject([option]);
});

step('7. See what nobody uses', async () => {
  interface Seen {
    account: { coverage: string; lastScan: { outcome: string } | null };
  }
  await until(
    () => ask<Seen>(bob, 'Coverage', { id: account.id }),
    ({ account: { coverage } }) => coverage === 'COMPLETE',
  );
  await settled();
  const { totalCount, nodes } = await open(bob);
  expect(totalCount).toBeGreaterThan(5);
  expect(nodes.map(({ policy }) => policy)).toEqual(nodes.map(() => ({ name: 'default', version: 0 })));
  // What the simulator knows of its own world.
  const idle = nodes.filter(({ check }) => check.id === 'unused-role').map(({ identity }) => identity.uniqueId);
  const truth = simulator.world.truth(account.awsAccountId, 90, {
    excludedRoleNames: ['mothball-scan', 'OrganizationAccountAccessRole'],
  });
  const unused = truth.flatMap(({ items }) => items).filter(({ check }) => check === 'unused-role');
  expect(idle.sort()).toEqual(unused.map(({ uniqueId }) => uniqueId).sort());
});

step('8. Write a policy', async () => {
  const { createToken } = await ask<{ createToken: { secret: string } }>(bob, 'MakeToken');
  const [yaml] = page.blocks('yaml');
  const file = join(folder, 'policies.yaml');
  writeFileSync(file, yaml ?? '');
  const [commands = ''] = page.blocks('bash').filter((block) => block.includes('mothball policy'));
  const subcommands = [...commands.matchAll(/^mothball policy (\w+) policies.yaml$/gm)].map(([, name]) => name ?? '');
  expect(subcommands).toEqual(['validate', 'diff', 'preview', 'apply']);
  const run = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await mothball(['policy', ...args], {
      MOTHBALL_API_URL: service.url,
      MOTHBALL_API_TOKEN: createToken.secret,
    });
    expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
    return stdout;
  };
  const stood = await standing(bob);
  expect(await run('validate', file)).toBe('Valid: 1 policy.\n');
  expect(await run('diff', file)).toBe('house-rules: added as number 1\n');
  const preview = JSON.parse(await run('preview', file, '--format', 'json')) as Preview;
  expect(await standing(bob)).toEqual(stood);

  const calls = JSON.stringify(simulator.control.counters());
  expect(await run('apply', file, '--yes')).toContain('Saved. 1 account is judged again.\n');
  await until(
    () => open(bob),
    ({ nodes }) => nodes.length > 0 && nodes.every(({ policy }) => policy?.name === 'house-rules'),
  );
  expect(JSON.stringify(simulator.control.counters())).toBe(calls);
  expect(changesBetween(stood, await standing(bob))).toEqual(
    preview.changes.nodes.map(({ change, check, identity }) => `${change} ${check.id} ${identity.name}`).sort(),
  );
  expect(preview).toMatchObject({ changes: { totalCount: preview.changes.nodes.length } });
  for (const change of ['OPENED', 'RESOLVED', 'EXEMPTED']) {
    expect(preview.changes.nodes.map((node) => node.change)).toContain(change);
  }
  expect(await run('diff', file, '--exit-code')).toBe('The service has the same.\n');
});

step('9. Spare something, with a second person', async () => {
  const before = await open(bob);
  const idle = before.nodes.find(({ check }) => check.id === 'unused-role');
  const glob = `*/${idle?.identity.name ?? ''}`;
  const { makeExemption } = await ask<{ makeExemption: { id: string; state: string } }>(bob, 'Spare', { glob });
  expect(makeExemption.state).toBe('PENDING');
  const { id } = makeExemption;

  // Nothing happens yet, and whoever asked cannot agree: not as an admin, nor by a token of theirs.
  expect((await bob.ask(page.request('Agree'), { id })).errors).not.toEqual([]);
  const { createToken } = await bob.get<{ createToken: { secret: string } }>(
    'mutation { createToken(name: "another me", role: APPROVER) { secret } }',
  );
  expect((await service.withToken(createToken.secret).ask(page.request('Agree'), { id })).errors).not.toEqual([]);
  expect(ids(await open(bob))).toEqual(ids(before));

  expect(await ask(carol, 'Waiting')).toMatchObject({
    viewer: { waitingForMe: expect.arrayContaining([{ kind: 'EXEMPTIONS_TO_AGREE_TO', count: 1 }]) as unknown },
  });
  expect(await ask(carol, 'Agree', { id })).toMatchObject({ agreeToExemption: { id, state: 'IN_FORCE' } });
  const after = await until(
    () => open(bob),
    (seen) => !ids(seen).has(idle?.id ?? ''),
  );
  expect(minus(ids(after), ids(before))).toEqual([]);
  const spared = await ask<{ findings: { nodes: unknown[] } }>(carol, 'Spared');
  expect(spared.findings.nodes).toContainEqual({
    identity: { name: idle?.identity.name },
    exemption: expect.objectContaining({ owner: { name: 'Finance' } }) as unknown,
  });
});

step('10. Read who did what', async () => {
  interface Log {
    auditLog: { nodes: { number: number; action: string; actor: { kind: string; name: string } }[] };
  }
  const { auditLog } = await ask<Log>(bob, 'Log');
  const entries = [...auditLog.nodes].reverse();
  expect(entries.map(({ number }) => number)).toEqual(entries.map((_, index) => index + 1));
  const told = entries.map(({ action, actor }) => `${action} by ${actor.name}`);
  // All of them, in the order in which they were made.
  let next = 0;
  for (const entry of told) if (entry === decisions[next]) next++;
  expect({ missing: decisions.slice(next), told }).toEqual({ missing: [], told });
  const verified = await ask<{ auditLogVerification: { intact: boolean; complete: boolean; entries: number } }>(
    bob,
    'Check',
  );
  expect(verified.auditLogVerification).toMatchObject({ intact: true, complete: true });
  expect(verified.auditLogVerification.entries).toBeGreaterThanOrEqual(entries.length);
  // Whoever has not been invited finds nothing, by whatever name they ask for it.
  const dave = await service.signIn('dave');
  expect((await dave.ask(page.request('Log'))).errors).not.toEqual([]);
  expect((await dave.ask(page.request('Coverage'), { id: account.id })).errors).not.toEqual([]);
});

it('was walked as the page describes it, with all of its requests', () => {
  expect(walked).toEqual(page.steps);
  expect(page.requestNames.filter((name) => !service.sent.some((text) => text === page.request(name)))).toEqual([]);
});

/** Nothing is left to do. */
async function settled(): Promise<void> {
  await until(
    () =>
      bob.get<{ tasks: { totalCount: number } }>(
        '{ tasks(first: 1, filter: { state: [WAITING, ADMITTED, RUNNING] }) { totalCount } }',
      ),
    ({ tasks }) => tasks.totalCount === 0,
  );
}

/** Whoever runs the account may do everything in it. */
function administratorOf(awsAccountId: string): IAMClient {
  const all = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
  const { accessKeys } = simulator.control.createUser(awsAccountId, {
    name: 'administrator',
    inlinePolicies: { all: JSON.stringify(all) },
    keys: [{}],
  });
  const [key] = accessKeys;
  if (!key) throw new Error('The administrator has no key.');
  const { accessKeyId, secretAccessKey } = key;
  return new IAMClient({
    endpoint: simulator.url,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
  });
}
