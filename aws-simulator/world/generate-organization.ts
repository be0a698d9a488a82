import { accountIdAt } from './ids';
import type { Instant, SimAccountSummary, SimOrganization, SimOrganizationalUnit } from './model';
import { COST_CENTERS, ENVIRONMENTS, PRODUCTS, TEAMS } from './names';
import type { WorldSettings } from './options';
import { Random } from './random';
import { DAY_MS, SECOND_MS } from './time-line';

/** From here on the workload units are split by business unit, as large organizations do. */
const MANY_ACCOUNTS = 200;
const BUSINESS_UNITS = ['Retail', 'Payments', 'Logistics', 'Data', 'Platform'] as const;

type Role = 'management' | 'delegated' | 'suspended' | 'invited' | 'missing' | 'core' | 'workload';

interface Units {
  rootId: string;
  map: Map<string, SimOrganizationalUnit>;
  idOf(path: string): string;
}

/** Organization, units and the cheap side of all accounts; what they hold inside is made at first touch. */
export function generateOrganization(
  settings: WorldSettings,
  epoch: Instant,
): { organization: SimOrganization; missingRoleAccountIds: Set<string> } {
  const random = new Random(`${settings.seed}:organization`);
  const units = generateUnits(random, settings.accounts);
  const idBase = random.int(0, 999_999_999_999);
  const accounts = new Map<string, SimAccountSummary>();
  const missingRoleAccountIds = new Set<string>();
  const delegatedAdministratorIds: string[] = [];
  roles(settings).forEach((role, index) => {
    const accountId = accountIdAt(idBase, index);
    accounts.set(
      accountId,
      summary(new Random(`${settings.seed}:${accountId}:summary`), units, { role, index, accountId }, epoch),
    );
    if (role === 'missing') missingRoleAccountIds.add(accountId);
    if (role === 'delegated') delegatedAdministratorIds.push(accountId);
  });
  return {
    organization: {
      id: `o-${random.base32(10).toLowerCase()}`,
      rootId: units.rootId,
      managementAccountId: accountIdAt(idBase, 0),
      delegatedAdministratorIds,
      units: units.map,
      accounts,
    },
    missingRoleAccountIds,
  };
}

/** Which account plays which part, by index; 0 is the management account. */
function roles({ accounts, shape }: WorldSettings): Role[] {
  const list: Role[] = ['management'];
  const add = (role: Role, count: number): number => list.push(...Array.from({ length: count }, () => role));
  add('delegated', shape.delegatedAdministrators);
  const special = shape.suspendedAccounts + shape.invitedAccounts + shape.missingRoleAccounts;
  add('core', Math.max(0, Math.min(3, accounts - list.length - special)));
  add('suspended', shape.suspendedAccounts);
  add('invited', shape.invitedAccounts);
  add('missing', shape.missingRoleAccounts);
  add('workload', accounts - list.length);
  return list;
}

function generateUnits(random: Random, accounts: number): Units {
  const rootId = `r-${random.base32(4).toLowerCase()}`;
  const map = new Map<string, SimOrganizationalUnit>();
  const ids = new Map<string, string>([['', rootId]]);
  const business = accounts >= MANY_ACCOUNTS ? BUSINESS_UNITS : [];
  const paths = ['Security', 'Infrastructure', 'Workloads', 'Sandbox', 'Suspended', 'Policy Staging'];
  for (const stage of ['Prod', 'Staging', 'Dev']) {
    paths.push(`Workloads/${stage}`, ...business.map((unit) => `Workloads/${stage}/${unit}`));
  }
  for (const path of paths) {
    const cut = path.lastIndexOf('/');
    const id = `ou-${rootId.slice(2)}-${random.base32(8).toLowerCase()}`;
    const parentId = ids.get(cut < 0 ? '' : path.slice(0, cut)) ?? rootId;
    map.set(id, { id, name: path.slice(cut + 1), parentId });
    ids.set(path, id);
  }
  return { rootId, map, idOf: (path) => ids.get(path) ?? ids.get(path.slice(0, path.lastIndexOf('/'))) ?? rootId };
}

const CORE = [
  { name: 'log-archive', unit: 'Security' },
  { name: 'network-prod', unit: 'Infrastructure' },
  { name: 'shared-services', unit: 'Infrastructure' },
] as const;

interface Place {
  name: string;
  unit: string;
  env: string;
}

function place(role: Role, index: number): Place {
  const round = Math.floor(index / (PRODUCTS.length * ENVIRONMENTS.length));
  const product = PRODUCTS[index % PRODUCTS.length] ?? 'app';
  const env =
    ENVIRONMENTS[(Math.floor(index / PRODUCTS.length) + (index % PRODUCTS.length)) % ENVIRONMENTS.length] ??
    ENVIRONMENTS[0];
  const suffix = round === 0 ? '' : `-${String(round + 1).padStart(2, '0')}`;
  switch (role) {
    case 'management':
      return { name: 'acme-management', unit: '', env: 'management' };
    case 'delegated':
      return { name: index === 1 ? 'security-tooling' : `security-tooling-${index}`, unit: 'Security', env: 'prod' };
    case 'suspended':
      return { name: `legacy-${product}${suffix}`, unit: 'Suspended', env: 'retired' };
    case 'invited':
      return { name: `acquired-${product}${suffix}`, unit: 'Policy Staging', env: 'prod' };
    case 'core':
    case 'missing':
    case 'workload': {
      const business = BUSINESS_UNITS[index % BUSINESS_UNITS.length] ?? 'Platform';
      const unit = env.unit === 'Sandbox' ? 'Sandbox' : `${env.unit}/${business}`;
      return { name: `${product}-${env.name}${suffix}`, unit, env: env.name };
    }
  }
}

function summary(
  random: Random,
  units: Units,
  { role, index, accountId }: { role: Role; index: number; accountId: string },
  epoch: Instant,
): SimAccountSummary {
  const core = role === 'core' ? CORE[(index - 1) % CORE.length] : undefined;
  const { name, unit, env } = core === undefined ? place(role, index) : { ...core, env: 'prod' };
  const ageDays = role === 'management' ? 4_500 : random.logBetween(60, 3_600);
  return {
    accountId,
    name,
    email: `aws+${name}@acme.example`,
    state: role === 'suspended' ? 'SUSPENDED' : 'ACTIVE',
    joinedMethod: role === 'invited' || role === 'management' ? 'INVITED' : 'CREATED',
    joinedAt: Math.floor((epoch - ageDays * DAY_MS) / SECOND_MS) * SECOND_MS,
    parentId: units.idOf(unit),
    tags: new Map([
      ['team', random.pick(TEAMS)],
      ['env', env],
      ['cost-center', random.pick(COST_CENTERS)],
    ]),
  };
}
