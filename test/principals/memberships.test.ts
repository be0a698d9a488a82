import { asAdmin } from '../harness/database';
import { encodeId } from '../../src/api-id';
import { newId } from '../../src/ids';
import { Uses } from '../../src/tenancy/people/uses.service';
import { type Builders, builders, type BuiltTenant } from '../builders';
import { bearer, startWorld, type World } from './people';

jest.setTimeout(60_000);

let world: World;
let build: Builders;
let one: BuiltTenant;
let two: BuiltTenant;

beforeAll(async () => {
  world = await startWorld({}, { config: { publicUrl: 'https://mothball.example.com' } });
  build = builders(world.app.app);
  [one, two] = [await build.tenant('one'), await build.tenant('Two')];
});
afterAll(() => world.stop());

const VIEWER = `{ viewer { kind name email role scope tenant { name } tenants { tenantName role } expiresAt } }`;

async function invite(token: string, args: string): Promise<{ id: string; secret: string; url: string | null }> {
  const { createInvitation } = await world.app.get<{
    createInvitation: { invitation: { id: string }; secret: string; url: string | null };
  }>(token, `mutation { createInvitation(${args}) { invitation { id } secret url } }`);
  const { invitation, secret, url } = createInvitation;
  return { id: invitation.id, secret, url };
}

const accept = (token: string, secret: string) =>
  world.send(
    bearer(token),
    'mutation ($secret: String!) { acceptInvitation(secret: $secret) { tenantId tenantName role } }',
    { secret },
  );

const rows = <T extends object>(statement: string, values: unknown[] = []): Promise<T[]> =>
  asAdmin(world.app.database.adminUrl, async (client) => {
    await client.query('SET search_path = mothball');
    return (await client.query<T>(statement, values)).rows;
  });

const actionsOf = async (tenantId: string): Promise<string[]> =>
  (
    await rows<{ action: string }>('SELECT action FROM audit_entries WHERE tenant_id = $1 ORDER BY seq', [tenantId])
  ).map(({ action }) => action);

describe('groups', () => {
  it('make somebody a member, by configuration', async () => {
    const { data } = await world.send(bearer(await world.as('ann', ['admins-of-one'])), VIEWER);
    expect(data).toEqual({
      viewer: {
        kind: 'PERSON',
        name: 'ann',
        email: 'ann@example.com',
        role: 'ADMIN',
        scope: 'TENANT',
        tenant: { name: 'one' },
        tenants: [{ tenantName: 'one', role: 'ADMIN' }],
        expiresAt: expect.any(String) as unknown,
      },
    });
    expect(await actionsOf(one.id)).toContain('person.joined-by-group');
  });

  it('that lead nowhere make nobody a member, and what needs no tenant can still be done', async () => {
    const token = await world.as('nobody', ['something']);
    expect((await world.send(bearer(token), VIEWER)).code).toBe('NOT_A_MEMBER');
    expect((await world.send(bearer(token), '{ findings { totalCount } }')).code).toBe('NOT_A_MEMBER');
    expect((await accept(token, 'invitation_x')).code).toBe('INVITATION_REFUSED');
  });

  it('change what somebody is with the next token', async () => {
    expect((await world.send(bearer(await world.as('bea', ['viewers-of-one'])), VIEWER)).data).toMatchObject({
      viewer: { role: 'VIEWER' },
    });
    expect((await world.send(bearer(await world.as('bea', ['approvers-of-one'])), VIEWER)).data).toMatchObject({
      viewer: { role: 'APPROVER' },
    });
    expect((await world.send(bearer(await world.as('bea', [])), VIEWER)).code).toBe('NOT_A_MEMBER');
    expect(await actionsOf(one.id)).toContain('person.group-role-changed');
  });
});

describe('somebody of several tenants', () => {
  const both = (): Promise<string> => world.as('cleo', ['admins-of-one', 'viewers-of-two']);

  it('has to say which, and is told the choices', async () => {
    const { code, message } = await world.send(bearer(await both()), VIEWER);
    expect(code).toBe('TENANT_NOT_CHOSEN');
    expect(message).toMatch(/Mothball-Tenant: .*"one", "Two"/);
  });

  it('chooses by a header, with the name or the id', async () => {
    for (const [choice, name, role] of [
      ['one', 'one', 'ADMIN'],
      ['TWO', 'Two', 'VIEWER'],
      [two.apiId, 'Two', 'VIEWER'],
      [one.id, 'one', 'ADMIN'],
    ] as const) {
      const { data } = await world.send({ ...bearer(await both()), 'mothball-tenant': choice }, VIEWER);
      expect(data).toMatchObject({
        viewer: { role, tenant: { name }, tenants: [{ tenantName: 'one' }, { tenantName: 'Two' }] },
      });
    }
  });

  it('reaches nobody else’s tenant by it, nor another role by an argument', async () => {
    const foreign = await build.tenant();
    for (const choice of [foreign.name, foreign.apiId, foreign.id, newId(), 'platform', "'; DROP TABLE people; --"]) {
      const { code } = await world.send({ ...bearer(await both()), 'mothball-tenant': choice }, VIEWER);
      expect(code).toBe('TENANT_NOT_CHOSEN');
    }
    const inTwo = { ...bearer(await both()), 'mothball-tenant': 'two' };
    const register =
      'mutation ($t: ID) { registerAccount(awsAccountId: "111122223333", name: "x", tenant: $t) { id } }';
    expect((await world.send(inTwo, register)).code).toBe('FORBIDDEN');
    expect((await world.send(inTwo, register, { t: one.apiId })).code).toBe('FORBIDDEN');
    const inOne = { ...bearer(await both()), 'mothball-tenant': 'one' };
    expect((await world.send(inOne, register, { t: two.apiId })).code).toBe('NOT_FOUND');
  });

  it('cannot use a token of one tenant for another', async () => {
    expect((await world.send({ ...bearer(one.token), 'mothball-tenant': 'two' }, VIEWER)).code).toBe(
      'TENANT_NOT_CHOSEN',
    );
    expect((await world.send({ ...bearer(one.token), 'mothball-tenant': 'one' }, VIEWER)).code).toBeNull();
  });
});

describe('an invitation', () => {
  it('makes its person a member, once', async () => {
    const { secret, url } = await invite(one.token, 'role: APPROVER');
    expect(url).toBe(`https://mothball.example.com/invitation?code=${secret}`);
    const dora = await world.as('dora');
    const { data } = await accept(dora, secret);
    expect(data).toEqual({ acceptInvitation: { tenantId: one.apiId, tenantName: 'one', role: 'APPROVER' } });
    expect((await world.send(bearer(dora), VIEWER)).data).toMatchObject({
      viewer: { role: 'APPROVER', tenant: { name: 'one' } },
    });
    for (const again of [dora, await world.as('thief')]) {
      expect(await accept(again, secret)).toMatchObject({
        code: 'INVITATION_REFUSED',
        message: expect.stringMatching(/accepted already/) as unknown,
      });
    }
    expect((await world.send(bearer(await world.as('thief')), VIEWER)).code).toBe('NOT_A_MEMBER');
    expect(await actionsOf(one.id)).toEqual(expect.arrayContaining(['invitation.created', 'invitation.accepted']));
  });

  it('is kept as a hash, and its secret is in no audit entry', async () => {
    const { secret } = await invite(one.token, 'role: VIEWER');
    await accept(await world.as('dot'), secret);
    const found = await rows<{ row: string }>(
      `SELECT i::text AS row FROM invitations i UNION ALL SELECT a::text FROM audit_entries a`,
    );
    expect(found.length).toBeGreaterThan(3);
    expect(found.filter(({ row }) => row.includes(secret.slice(12)))).toEqual([]);
  });

  it('accepted by two at the same moment makes one of them a member', async () => {
    const { secret } = await invite(one.token, 'role: VIEWER');
    const rivals = await Promise.all(['x', 'y', 'z'].map((name) => world.as(`rival-${name}`)));
    const answers = await Promise.all(rivals.map((token) => accept(token, secret)));
    expect(answers.map(({ code }) => code).sort()).toEqual(['INVITATION_REFUSED', 'INVITATION_REFUSED', null].sort());
  });

  it('is no good once it is revoked or has expired', async () => {
    const revoked = await invite(one.token, 'role: VIEWER');
    await world.app.get(one.token, 'mutation ($id: ID!) { revokeInvitation(id: $id) { revokedAt } }', {
      id: revoked.id,
    });
    const old = await invite(one.token, 'role: VIEWER, expiresInDays: 1');
    await rows(`UPDATE invitations SET expires_at = now() WHERE hash = sha256($1::text::bytea)`, [old.secret]);
    const eve = await world.as('eve');
    expect((await accept(eve, revoked.secret)).message).toMatch(/was revoked/);
    expect((await accept(eve, old.secret)).message).toMatch(/has expired/);
    expect((await accept(eve, `invitation_${'A'.repeat(43)}`)).message).toMatch(/is unknown/);
    expect((await world.send(bearer(eve), VIEWER)).code).toBe('NOT_A_MEMBER');
  });

  it('for an e-mail address needs that address, verified', async () => {
    const { secret } = await invite(one.token, 'role: VIEWER, email: "Fay@example.com"');
    expect((await accept(await world.as('frank'), secret)).message).toMatch(/another e-mail address/);
    const unverified = await world.as('fay', [], { email_verified: false });
    expect((await accept(unverified, secret)).message).toMatch(/verified/);
    const pretending = await world.as('frank', [], { email: 'fay@example.com', email_verified: 'true' });
    expect((await accept(pretending, secret)).message).toMatch(/verified/);
    expect((await accept(await world.as('fay'), secret)).code).toBeNull();
  });

  it('cannot be accepted by a program, nor made by who may not', async () => {
    const { secret } = await invite(one.token, 'role: VIEWER');
    expect((await accept(two.token, secret)).code).toBe('FORBIDDEN');
    const viewer = await build.token(one.id, 'viewer');
    expect((await world.send(bearer(viewer), 'mutation { createInvitation(role: ADMIN) { secret } }')).code).toBe(
      'FORBIDDEN',
    );
    const foreign = await invite(two.token, 'role: VIEWER');
    const revoke = 'mutation ($id: ID!) { revokeInvitation(id: $id) { id } }';
    expect((await world.send(bearer(one.token), revoke, { id: foreign.id })).code).toBe('NOT_FOUND');
  });

  it.each([
    ['role: VIEWER, expiresInDays: 31', /expiresInDays/],
    ['role: VIEWER, expiresInDays: 0', /expiresInDays/],
    ['role: AUDITOR, roleDays: 91', /roleDays/],
    ['role: VIEWER, email: "nobody"', /email/],
  ])('with %s is refused', async (args, reason) => {
    const answer = await world.send(bearer(one.token), `mutation { createInvitation(${args}) { secret } }`);
    expect([answer.code, answer.message]).toEqual(['BAD_INPUT', expect.stringMatching(reason)]);
  });

  it('to the platform is for ADMIN and VIEWER', async () => {
    const platform = await build.platformToken();
    const tenant = encodeId('Tenant', '00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-000000000000');
    const { code } = await world.send(
      bearer(platform),
      `mutation { createInvitation(tenant: "${tenant}", role: AUDITOR) { secret } }`,
    );
    expect(code).toBe('BAD_INPUT');
    const { secret } = await invite(platform, `tenant: "${tenant}", role: VIEWER`);
    const gil = await world.as('gil');
    await accept(gil, secret);
    expect((await world.send(bearer(gil), '{ viewer { scope role } tenants { totalCount } }')).data).toMatchObject({
      viewer: { scope: 'PLATFORM', role: 'VIEWER' },
    });
  });
});

describe('an auditor', () => {
  it('is one for a while: 30 days unless said otherwise, 90 at most', async () => {
    const { secret } = await invite(one.token, 'role: AUDITOR');
    const hana = await world.as('hana');
    await accept(hana, secret);
    const { people } = await world.app.get<{ people: { nodes: { name: string; roleExpiresAt: string }[] } }>(
      one.token,
      '{ people(first: 200) { nodes { name roleExpiresAt } } }',
    );
    const until = people.nodes.find(({ name }) => name === 'hana')?.roleExpiresAt ?? '';
    const days = (Date.parse(until) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
    await rows("UPDATE people SET role_expires_at = now() WHERE name = 'hana'");
    expect((await world.send(bearer(hana), VIEWER)).code).toBe('NOT_A_MEMBER');
  });

  it('has tokens that end, too', async () => {
    const create =
      'mutation ($at: DateTime) { createToken(name: "a", role: AUDITOR, expiresAt: $at) { token { expiresAt } } }';
    const { createToken } = await world.app.get<{ createToken: { token: { expiresAt: string } } }>(one.token, create);
    expect((Date.parse(createToken.token.expiresAt) - Date.now()) / 86_400_000).toBeLessThanOrEqual(30);
    const at = new Date(Date.now() + 91 * 86_400_000).toISOString();
    expect((await world.send(bearer(one.token), create, { at })).code).toBe('BAD_INPUT');
  });
});

describe('a membership', () => {
  const idOf = async (name: string): Promise<string> => {
    const { people } = await world.app.get<{ people: { nodes: { id: string; name: string }[] } }>(
      one.token,
      '{ people(first: 200) { nodes { id name } } }',
    );
    return people.nodes.find((person) => person.name === name)?.id ?? '';
  };

  it('can be given another role, which counts for more than groups', async () => {
    const ida = await world.as('ida', ['viewers-of-one']);
    await world.send(bearer(ida), VIEWER);
    const set =
      'mutation ($id: ID!, $role: PrincipalRole!) { setPersonRole(id: $id, role: $role) { role roleSource } }';
    const id = await idOf('ida');
    expect(await world.app.get(one.token, set, { id, role: 'APPROVER' })).toEqual({
      setPersonRole: { role: 'APPROVER', roleSource: 'GIVEN' },
    });
    expect((await world.send(bearer(ida), VIEWER)).data).toMatchObject({ viewer: { role: 'APPROVER' } });
    expect((await world.send(bearer(two.token), set, { id, role: 'ADMIN' })).code).toBe('NOT_FOUND');
    expect((await world.send(bearer(ida), set, { id, role: 'ADMIN' })).code).toBe('FORBIDDEN');
  });

  it('ends at once, whatever the groups say, with the tokens that its person made', async () => {
    const jo = await world.as('jo', ['admins-of-one']);
    const made = async (name: string): Promise<string> =>
      (
        await world.app.get<{ createToken: { secret: string } }>(
          jo,
          `mutation { createToken(name: "${name}", role: VIEWER) { secret } }`,
        )
      ).createToken.secret;
    const theirs = await made('of jo');
    const { apiTokens } = await world.app.get<{ apiTokens: { nodes: { name: string; createdBy: string }[] } }>(
      one.token,
      '{ apiTokens(first: 200) { nodes { name createdBy } } }',
    );
    expect(apiTokens.nodes.find(({ name }) => name === 'of jo')?.createdBy).toBe('jo');
    const end = 'mutation ($id: ID!) { endMembership(id: $id) { tokensRevoked person { endedAt role } } }';
    const ended = await world.app.get(one.token, end, { id: await idOf('jo') });
    expect(ended).toEqual({
      endMembership: { tokensRevoked: 1, person: { endedAt: expect.any(String) as unknown, role: null } },
    });
    expect((await world.send(bearer(jo), VIEWER)).code).toBe('NOT_A_MEMBER');
    expect((await world.send(bearer(theirs), VIEWER)).code).toBe('UNAUTHENTICATED');
    // Invited again, jo is back; the token is not.
    await accept(jo, (await invite(one.token, 'role: VIEWER')).secret);
    expect((await world.send(bearer(jo), VIEWER)).data).toMatchObject({ viewer: { role: 'VIEWER' } });
    expect((await world.send(bearer(theirs), VIEWER)).code).toBe('UNAUTHENTICATED');
  });

  it('that has ended does not begin again by a link that was made before, least of all by one’s own', async () => {
    const liv = await world.as('liv', ['admins-of-one']);
    const [own, others] = [await invite(liv, 'role: ADMIN'), await invite(one.token, 'role: ADMIN')];
    const end = 'mutation ($id: ID!) { endMembership(id: $id, revokeTokens: false) { tokensRevoked } }';
    await world.app.get(one.token, end, { id: await idOf('liv') });
    expect((await accept(await world.as('accomplice'), own.secret)).message).toMatch(/was revoked/);
    expect((await accept(liv, others.secret)).message).toMatch(/membership was ended/);
    expect((await world.send(bearer(liv), VIEWER)).code).toBe('NOT_A_MEMBER');
    expect((await accept(await world.as('somebody-else'), others.secret)).code).toBeNull();
  });

  it('with a lesser role leaves no way back to the old one: neither links nor tokens that may do more', async () => {
    const mia = await world.as('mia', ['admins-of-one']);
    const link = await invite(mia, 'role: ADMIN');
    const made = (role: string): Promise<{ createToken: { secret: string } }> =>
      world.app.get(mia, `mutation { createToken(name: "of mia", role: ${role}) { secret } }`);
    const [strong, weak] = [await made('ADMIN'), await made('VIEWER')];
    const set = 'mutation ($id: ID!) { setPersonRole(id: $id, role: APPROVER) { role } }';
    await world.app.get(one.token, set, { id: await idOf('mia') });
    expect((await accept(mia, link.secret)).message).toMatch(/was revoked/);
    expect((await world.send(bearer(strong.createToken.secret), VIEWER)).code).toBe('UNAUTHENTICATED');
    expect((await world.send(bearer(weak.createToken.secret), VIEWER)).code).toBeNull();
    expect((await world.send(bearer(mia), VIEWER)).data).toMatchObject({ viewer: { role: 'APPROVER' } });
  });

  it('can end and leave the tokens, which say who made them', async () => {
    const kim = await world.as('kim', ['admins-of-one']);
    const { createToken } = await world.app.get<{ createToken: { secret: string } }>(
      kim,
      'mutation { createToken(name: "of kim", role: VIEWER) { secret } }',
    );
    const end = 'mutation ($id: ID!) { endMembership(id: $id, revokeTokens: false) { tokensRevoked } }';
    await world.app.get(one.token, end, { id: await idOf('kim') });
    expect((await world.send(bearer(createToken.secret), VIEWER)).code).toBeNull();
  });
});

describe('a token', () => {
  it('stands for whoever made it', async () => {
    const lea = await world.as('lea', ['admins-of-one']);
    await world.app.get(lea, 'mutation { createToken(name: "of lea", role: ADMIN) { secret } }');
    const [row] = await rows<{ created_by: string }>("SELECT created_by FROM api_tokens WHERE name = 'of lea'");
    expect(row?.created_by).toBe(`${world.issuer.url} lea`);
  });

  it('says when it was used last', async () => {
    const { createToken } = await world.app.get<{ createToken: { secret: string } }>(
      one.token,
      'mutation { createToken(name: "used", role: VIEWER) { secret } }',
    );
    const lastUse = async (): Promise<string | null | undefined> =>
      (
        await world.app.get<{ apiTokens: { nodes: { name: string; lastUsedAt: string | null }[] } }>(
          one.token,
          '{ apiTokens(first: 200) { nodes { name lastUsedAt } } }',
        )
      ).apiTokens.nodes.find(({ name }) => name === 'used')?.lastUsedAt;
    expect(await lastUse()).toBeNull();
    await world.send(bearer(createToken.secret), VIEWER);
    await world.app.app.get(Uses, { strict: false }).flush();
    expect(Date.now() - Date.parse((await lastUse()) ?? '')).toBeLessThan(60_000);
  });
});
