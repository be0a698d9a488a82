import { judgeAccount } from '../findings/judge';
import { compilePolicy } from '../findings/sparing';
import {
  aKey,
  aPassword,
  aRole,
  AT,
  aUser,
  credentials,
  daysAgo,
  never,
  roleToJudge,
  unread,
  used,
  userToJudge,
} from '../findings/test-subjects';
import type { InventoryRole, InventoryUser } from '../scans/inventory';
import type { Audit } from './audit-account';
import { reportOf } from './audit-report';
import { type AuditChoices, auditPolicy } from './audit-settings';
import { EXIT, exitStatusOf } from './exit-status';
import { csvFormat } from './formats/csv.format';
import { tableFormat } from './formats/table.format';
import { tsvFormat } from './formats/tsv.format';
import { plain } from './terminal';

interface Given {
  users?: InventoryUser[];
  roles?: Partial<InventoryRole>[];
  choices?: AuditChoices;
  changes?: Partial<Audit>;
}

function audit({ users = [], roles = [], choices = {}, changes = {} }: Given): Audit {
  const settings = auditPolicy(choices);
  const principals = [...users.map((user) => userToJudge(user)), ...roles.map((role) => roleToJudge(role))];
  return {
    accountId: '111122223333',
    partition: 'aws',
    at: AT,
    outcome: 'complete',
    notRead: [],
    identities: { users: users.length, roles: roles.length },
    settings,
    judgements: [...judgeAccount(principals, compilePolicy(settings), AT)],
    calls: { calls: 5, throttled: 1, retried: 0, durationMs: 10, byAction: {} },
    ...changes,
  };
}

const notRead = { what: 'the report', code: 'X', reason: 'It was denied', remedy: 'Allow it', retryable: false };
const idleRole: Partial<InventoryRole> = { lastUsed: used(200), name: 'idle' };
const unknownRole: Partial<InventoryRole> = { lastUsed: unread, name: 'unread' };
const usedRole: Partial<InventoryRole> = { lastUsed: used(1), name: 'busy' };
const keyUser = (...keys: Parameters<typeof aKey>[0][]): InventoryUser =>
  aUser({ credentials: credentials({ accessKeys: keys.map((key) => aKey(key)) }) });

describe('exit status', () => {
  it.each<[string, Given, number]>([
    ['nothing found', { roles: [usedRole] }, EXIT.nothingFound],
    ['findings', { roles: [idleRole, usedRole] }, EXIT.findings],
    ['an unknown goes before findings', { roles: [idleRole, unknownRole] }, EXIT.notAllRead],
    ['an unknown alone', { roles: [unknownRole] }, EXIT.notAllRead],
    ['partial goes before findings', { roles: [idleRole], changes: { outcome: 'partial' } }, EXIT.notAllRead],
    ['nothing could be read', { changes: { outcome: 'failed' } }, EXIT.error],
    ['the excluded are no findings', { roles: [idleRole], choices: { excludeRoles: '/idle' } }, EXIT.nothingFound],
  ])('%s', (_name, given, status) => {
    expect(exitStatusOf(audit(given))).toBe(status);
  });
});

describe('the report', () => {
  it('has the id of the key, the owner’s of all else, and idle days by AWS’s window', () => {
    const roles = [{ lastUsed: { state: 'before-tracking', since: null } as const }];
    const { findings } = reportOf(audit({ users: [keyUser({ accessKeyId: 'AKIAONE', lastUsed: used(100) })], roles }));
    expect(
      findings.map(({ check, identity, idleDays, idleAtLeast }) => [
        check,
        identity.uniqueId,
        identity.accessKeyId,
        idleDays,
        idleAtLeast,
      ]),
    ).toEqual([
      ['unused-access-key', 'AIDAALICE', 'AKIAONE', 100, false],
      ['unused-user', 'AIDAALICE', null, 100, false],
      ['unused-role', 'AROAREPORTING', null, 400, true],
      ['access-key-not-rotated', 'AIDAALICE', 'AKIAONE', 100, false],
    ]);
  });

  it('puts the longest idle first and sums up by check', () => {
    const roles = [100, 300, 200].map((days) => ({ name: `r${days}`, lastUsed: used(days) }));
    const report = reportOf(audit({ roles: [...roles, unknownRole] }));
    expect(report.findings.map(({ identity }) => identity.name)).toEqual(['r300', 'r200', 'r100']);
    expect(report.summary).toMatchObject({ findings: 3, unknown: 1, exempt: 0 });
    expect(report.summary.byCheck['unused-role']).toEqual({ idleDays: 90, findings: 3, unknown: 1, exempt: 0 });
  });

  it('a user was last used when the latest of its password and active keys was', () => {
    const user = aUser({
      credentials: credentials({
        password: aPassword({ lastUsed: used(150) }),
        accessKeys: [aKey({ lastUsed: used(120) }), aKey({ slot: 2, active: false, lastUsed: used(95) })],
      }),
    });
    const { findings } = reportOf(audit({ users: [user] }));
    expect(findings.find(({ check }) => check === 'unused-user')?.lastUsed).toMatchObject({ at: daysAgo(120) });
  });

  it('judges only the checks chosen', () => {
    const { summary } = reportOf(audit({ users: [keyUser({})], choices: { check: ['unused-access-key'] } }));
    expect(Object.keys(summary.byCheck)).toEqual(['unused-access-key']);
    expect(summary.findings).toBe(1);
  });
});

describe('csv', () => {
  it('keeps names from becoming formulas, and shows unknowns too', () => {
    const text = csvFormat.render(audit({ roles: [{ ...idleRole, name: '=cmd' }, unknownRole] }), plain());
    const [head, ...lines] = text.trimEnd().split('\n');
    expect(head).toMatch(/^state,check,severity,account_id,kind,name,/);
    expect(lines[0]).toContain(",role,'=cmd,/,");
    expect(lines[1]).toMatch(/^unknown,unused-role,.*The credential report was denied\.$/);
  });
});

describe('tsv', () => {
  it('has every judged role with AWS Config’s states and annotations', () => {
    const roles = [idleRole, unknownRole, usedRole, { name: 'young', createdAt: daysAgo(3), lastUsed: never }];
    const linked = aRole({ name: 'linked', path: '/aws-service-role/x/' });
    expect(
      tsvFormat.render(
        audit({ roles: [...roles, linked, { ...idleRole, name: 'spared' }], choices: { excludeRoles: '/spared' } }),
        plain(),
      ),
    ).toBe(
      [
        'busy\tCOMPLIANT\tWas used 1 days ago in eu-west-1',
        'idle\tNON_COMPLIANT\tWas used 200 days ago in eu-west-1',
        'spared\tCOMPLIANT\tRole is whitelisted',
        'unread\tINSUFFICIENT_DATA\tUnknown: The credential report was denied.',
        'young\tCOMPLIANT\tRole age is 3 days',
        '',
      ].join('\n'),
    );
  });
});

describe('table', () => {
  const show = (given: Given, width = 120): string => tableFormat.render(audit(given), plain(width));

  it('groups by check with its risk, and shows last use, idle days and why', () => {
    const text = show({ roles: [idleRole] });
    expect(text).toContain('unused-role  Roles should be in use  (1)');
    expect(text).toContain('Risk Medium: should be achieved');
    expect(text).toMatch(/idle +2025-12-12 +200 +Last used on 2025-12-12/);
    expect(text).toContain('1 finding · 5 AWS calls, 1 of them throttled');
  });

  it.each([60, 80, 120, 200])('fits %i columns and cuts no name off', (width) => {
    const name = 'a'.repeat(64);
    const lines = show({ roles: [{ ...idleRole, name, path: '/deep/' }] }, width)
      .split('\n')
      .slice(1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.join('').match(/a/g)?.length).toBeGreaterThanOrEqual(64);
    expect(lines.join('')).not.toContain('…');
  });

  it('says once for all why identities are not known, and never counts them as findings', () => {
    const roles = Array.from({ length: 20 }, (_, index) => ({ ...unknownRole, name: `r${index}` }));
    const text = show({ roles });
    expect(text.match(/The credential report was denied/g)).toHaveLength(1);
    expect(text).toContain('and 12 more');
    expect(text).toContain('0 findings · 20 not known');
  });

  it('shows what was not read with what to do', () => {
    const text = show({ changes: { outcome: 'partial', notRead: [notRead] } });
    expect(text).toContain('It was denied.');
    expect(text).toContain('Allow it.');
    expect(text).toContain('not everything was read');
  });

  it('lets nothing that an endpoint says steer the terminal', () => {
    const text = show({ roles: [{ ...idleRole, name: 'x\u001b[2Jy' }] });
    expect(text).not.toContain('\u001b');
  });

  it('says that a key’s id is not read instead of leaving it out', () => {
    expect(show({ users: [keyUser({ accessKeyId: null })] })).toContain('alice key id not read');
  });
});
