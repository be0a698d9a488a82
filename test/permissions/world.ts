import { Client } from 'pg';
import { newId } from '../../src/ids';
import { encodeId } from '../../src/api-id';
import { aRole, aUser, used } from '../../src/scans/test-inventory';
import type { Role } from '../../src/tenancy/principal';
import { PLATFORM_TENANT_ID } from '../../src/tenancy/tenant-database';
import { type Builders, builders } from '../builders';
import { startTestApp, type TestApp } from '../harness/app';
import { SIGN_IN } from '../harness/database';
import { type OwnIssuer, type SigningKey, signingKey, signToken, startOwnIssuer } from '../principals/own-issuer';

export const ROLES = [
  ['platform', 'admin'],
  ['platform', 'viewer'],
  ['tenant', 'admin'],
  ['tenant', 'approver'],
  ['tenant', 'viewer'],
  ['tenant', 'auditor'],
] as const;

/** What one tenant has, and its people. */
export interface Side {
  readonly id: string;
  readonly apiId: string;
  readonly name: string;
  readonly people: Readonly<Record<Role, string>>;
  /** Another admin, who proposes what the others agree to. */
  readonly proposer: string;
  readonly account: string;
  readonly awsAccountId: string;
  readonly identity: string;
  readonly uniqueId: string;
  readonly finding: string;
  readonly scan: string;
  readonly sweep: string;
  readonly task: string;
}

export interface World {
  readonly app: TestApp;
  readonly build: Builders;
  readonly ours: Side;
  readonly theirs: Side;
  readonly platform: Readonly<Record<'admin' | 'viewer', string>>;
  readonly organization: string;
  /** Somebody else with this role, "ours-admin"; or with none, for any other name. */
  somebody(group: string): Promise<string>;
  /** A person of its own, who belongs to no tenant. */
  stranger(): Promise<string>;
  stop(): Promise<void>;
}

const TENANT_ROLES = ['admin', 'approver', 'viewer', 'auditor'] as const;

/** Two tenants with the same things in each, and people in every role. Nobody works: what would be waited for is called off. */
export async function startWorld(): Promise<World> {
  const key = await signingKey('of the matrix');
  const issuer = await startOwnIssuer([key.publicJwk]);
  const app = await startTestApp({ config: { signIn: { ...SIGN_IN, oidc: oidcOf(issuer) } } });
  const build = builders(app.app);
  const person = (group: string): Promise<string> => tokenOf(key, issuer, `${group} ${newId()}`, group);
  const [ours, theirs] = [await side(app, build, 'ours', person), await side(app, build, 'theirs', person)];
  const stopCallingOff = await startCallingOff(app);
  return {
    ...{ app, build, ours, theirs },
    platform: { admin: await person('platform-admin'), viewer: await person('platform-viewer') },
    organization: await organization(app, await person('platform-admin')),
    somebody: person,
    stranger: () => person('nobody'),
    stop: async () => {
      await stopCallingOff();
      await app.stop();
      await issuer.stop();
    },
  };
}

const oidcOf = (issuer: OwnIssuer): string =>
  JSON.stringify({
    issuers: [
      {
        ...{ issuer: issuer.url, audience: 'mothball', clientId: 'mothball-web' },
        roles: [
          { claim: 'groups', value: 'platform-admin', platform: 'admin' },
          { claim: 'groups', value: 'platform-viewer', platform: 'viewer' },
          ...['ours', 'theirs'].flatMap((tenant) =>
            TENANT_ROLES.map((role) => ({ claim: 'groups', value: `${tenant}-${role}`, tenant, role })),
          ),
        ],
      },
    ],
  });

const tokenOf = (key: SigningKey, issuer: OwnIssuer, subject: string, group: string): Promise<string> =>
  signToken({ key, issuer: issuer.url, subject, expiresIn: 3_000, claims: { name: subject, groups: [group] } });

async function side(
  app: TestApp,
  build: Builders,
  name: string,
  person: (group: string) => Promise<string>,
): Promise<Side> {
  const { id, apiId } = await build.tenant(name);
  const people = Object.fromEntries(
    await Promise.all(TENANT_ROLES.map(async (role) => [role, await person(`${name}-${role}`)] as const)),
  ) as Record<Role, string>;
  const proposer = await person(`${name}-admin`);
  const account = await build.account(id);
  await build.inventory(account, {
    roles: [aRole({ name: `old-${name}`, uniqueId: `AROAOLD${name.toUpperCase()}`, lastUsed: used(150) })],
    users: [aUser({ name: `user-${name}`, uniqueId: `AIDAUSER${name.toUpperCase()}` })],
  });
  const { startSweep } = await app.get<{ startSweep: { id: string } }>(proposer, 'mutation { startSweep { id } }');
  const found = await app.get<{
    scans: { nodes: { id: string }[] };
    findings: { nodes: { id: string; identity: { id: string; uniqueId: string } }[] };
    tasks: { nodes: { id: string }[] };
  }>(
    proposer,
    `{ scans { nodes { id } } tasks { nodes { id } }
       findings(filter: { kind: ROLE }) { nodes { id identity { id ... on Role { uniqueId } } } } }`,
  );
  const [finding] = found.findings.nodes;
  return {
    ...{ id, apiId, name, people, proposer },
    account: account.apiId,
    awsAccountId: account.awsAccountId,
    identity: finding?.identity.id ?? '',
    uniqueId: finding?.identity.uniqueId ?? '',
    finding: finding?.id ?? '',
    scan: found.scans.nodes[0]?.id ?? '',
    sweep: startSweep.id,
    task: found.tasks.nodes[0]?.id ?? '',
  };
}

async function organization(app: TestApp, admin: string): Promise<string> {
  const { connectOrganization } = await app.get<{ connectOrganization: { id: string } }>(
    admin,
    'mutation { connectOrganization(name: "org", managementAccountId: "900000000001") { id } }',
  );
  return connectOrganization.id;
}

/** Some mutations wait for a worker, a while. There is none. */
async function startCallingOff(app: TestApp): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: app.database.adminUrl });
  await client.connect();
  let stopped = false;
  const work = (async () => {
    while (!stopped) {
      await client.query(
        `UPDATE mothball.tasks SET state = 'cancelled', finished_at = now()
         WHERE state = 'waiting' AND kind IN ('verify-account', 'preview-policies')`,
      );
      await client.query(
        `UPDATE mothball.policy_previews SET state = 'finished', finished_at = now() WHERE state <> 'finished'`,
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await client.end();
  })();
  return () => {
    stopped = true;
    return work;
  };
}

/** An account that nobody has yet. */
export const unassigned = async ({ build }: World): Promise<string> => (await build.account(PLATFORM_TENANT_ID)).apiId;

/** Of another tenant for this one's. */
export async function transferRequest({ build }: World, of: Side): Promise<string> {
  const holder = await build.tenant();
  const held = await build.account(holder.id);
  const wanted = await build.account(of.id, { awsAccountId: held.awsAccountId, status: 'pending' });
  const id = newId();
  await build.database.inTenant(PLATFORM_TENANT_ID, (manager) =>
    manager.query(
      `INSERT INTO transfer_requests (tenant_id, id, partition, aws_account_id, from_tenant_id, to_tenant_id, to_account_id)
       VALUES ($1, $2, 'aws', $3, $4, $5, $6)`,
      [PLATFORM_TENANT_ID, id, held.awsAccountId, holder.id, of.id, wanted.id],
    ),
  );
  return encodeId('TransferRequest', PLATFORM_TENANT_ID, id);
}

/** A task that was given up. */
export async function failedTask({ build }: World, of: Side): Promise<string> {
  const id = newId();
  await build.database.inTenant(of.id, (manager) =>
    manager.query(
      `INSERT INTO tasks (tenant_id, id, kind, payload, state, started_at, finished_at, error_code, error_message)
       VALUES ($1, $2, 'start-sweep', '{}', 'failed', now(), now(), 'INTERNAL', 'of the matrix')`,
      [of.id, id],
    ),
  );
  return encodeId('Task', of.id, id);
}
