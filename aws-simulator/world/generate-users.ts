import type { Workshop } from './generate-account';
import { makeId } from './ids';
import type { Instant, SimAccessKey, SimCredential, SimPassword, SimUser } from './model';
import { BOT_NAMES, FIRST_NAMES, LAST_NAMES, PRODUCTS, SERVICES_USED, TEAMS } from './names';
import { DAY_MS } from './time-line';

type UserKind = 'person' | 'bot' | 'mail' | 'break-glass' | 'terraform';

const KINDS = [
  ['person', 62],
  ['bot', 26],
  ['mail', 6],
  ['terraform', 4],
  ['break-glass', 2],
] as const;

const PASSWORD_CHANCE: Record<UserKind, number> = { person: 0.8, bot: 0.05, mail: 0, terraform: 0, 'break-glass': 1 };

/** How many keys: none, one or two, by weight. */
const KEY_WEIGHTS: Record<UserKind, readonly (readonly [number, number])[]> = {
  person: [[0, 45], [1, 40], [2, 15]],
  bot: [[0, 6], [1, 70], [2, 24]],
  mail: [[1, 1]],
  terraform: [[1, 60], [2, 40]],
  'break-glass': [[0, 1]],
}; // prettier-ignore

/** All users of an account: exactly as many, with exactly as many keys, where the settings say so. */
export function generateUsers(workshop: Workshop): SimUser[] {
  const { random, settings } = workshop;
  const count = settings.usersPerAccount ?? random.int(60, 120);
  const keyCounts = settings.usersPerAccount === undefined ? undefined : exactKeys(workshop, count);
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    const kind: UserKind = random.weighted(KINDS);
    const createdAt = workshop.ages.created();
    const name = unusedName(workshop, kind, createdAt, taken);
    return makeUser(workshop, kind, { name, createdAt }, keyCounts?.[index] ?? random.weighted(KEY_WEIGHTS[kind]));
  });
}

/** Two, one or no keys a user, adding up to users × keysPerUser; an eighth have none where that is possible. */
function exactKeys({ random, settings }: Workshop, users: number): number[] {
  const total = Math.round(users * settings.keysPerUser);
  const holders = Math.max(Math.ceil(total / 2), Math.min(total, users - Math.floor(users / 8)));
  const twice = total - holders;
  return random.shuffled(Array.from({ length: users }, (_, index) => (index < twice ? 2 : index < holders ? 1 : 0)));
}

function unusedName(workshop: Workshop, kind: UserKind, createdAt: Instant, taken: Set<string>): string {
  for (let attempt = 0; ; attempt += 1) {
    const base = nameFor(workshop, kind, createdAt);
    const name = attempt < 4 ? base : `${base}-${taken.size}`;
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    return name;
  }
}

function nameFor({ random }: Workshop, kind: UserKind, createdAt: Instant): string {
  switch (kind) {
    case 'person': {
      const [first, last] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
      const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
      return random.pick([
        `${first}.${last}`,
        `${first}.${last}`,
        `${first.charAt(0)}${last}`,
        `${first}.${last}@acme.example`,
        `${capital(first)}.${capital(last)}`,
        `${first}_${last}`,
      ]);
    }
    case 'bot':
      return random.chance(0.4) ? random.pick(BOT_NAMES) : `${random.pick(PRODUCTS)}-${random.pick(BOT_NAMES)}`;
    case 'mail': {
      // The console of SES names its users by the moment of their making.
      const made = new Date(createdAt).toISOString();
      return `ses-smtp-user.${made.slice(0, 10).replaceAll('-', '')}-${made.slice(11, 19).replaceAll(':', '')}`;
    }
    case 'terraform':
      return `terraform-${random.pick(PRODUCTS)}`;
    case 'break-glass':
      return `break-glass-${random.int(1, 9)}`;
  }
}

const PATHS: Record<UserKind, readonly string[]> = {
  person: ['/', '/', '/people/', '/people/contractors/'],
  bot: ['/', '/service/', '/service/ci/'],
  mail: ['/'],
  terraform: ['/service/terraform/'],
  'break-glass': ['/', '/emergency/'],
};

function makeUser(
  workshop: Workshop,
  kind: UserKind,
  { name, createdAt }: { name: string; createdAt: Instant },
  keyCount: number,
): SimUser {
  const { random, ages, account } = workshop;
  const { accountId } = account.summary;
  const password = random.chance(PASSWORD_CHANCE[kind]) ? makePassword(workshop, createdAt) : null;
  // The last sign-in outlives the password, and can belong to one that was deleted before this one was made.
  const signedIn = password !== null || random.chance(0.1) ? ages.signedIn(createdAt) : null;
  const accessKeys = makeKeys(workshop, createdAt, keyCount);
  const user: SimUser = {
    name,
    path: random.pick(PATHS[kind]),
    uniqueId: makeId(random, 'AIDA', accountId),
    createdAt,
    tags: tagsFor(workshop, kind),
    boundaryArn: null,
    attachedPolicyArns:
      kind === 'terraform' || kind === 'break-glass'
        ? [`arn:${account.partition}:iam::aws:policy/AdministratorAccess`]
        : kind === 'bot'
          ? [`arn:${account.partition}:iam::${accountId}:policy/app-data-access`]
          : [],
    inlinePolicies: kind === 'mail' ? new Map([['AmazonSesSendingAccess', SES_POLICY]]) : new Map<string, string>(),
    serviceAttempts: attempts(workshop, accessKeys),
    groups: groupsFor(workshop, kind),
    password,
    passwordLastUsedAt: signedIn,
    accessKeys,
    credentials: makeCredentials(workshop, kind, createdAt),
    mfaDevices: [],
  };
  if (password !== null && random.chance(0.7)) {
    user.mfaDevices.push(`arn:${account.partition}:iam::${accountId}:mfa/${name}`);
  }
  return user;
}

const SES_POLICY =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ses:SendRawEmail","Resource":"*"}]}';

function makePassword({ random, ages, epoch }: Workshop, userCreatedAt: Instant): SimPassword {
  const createdAt = random.chance(0.6) ? userCreatedAt : ages.created(userCreatedAt);
  return { createdAt, lastChangedAt: random.chance(0.5) ? createdAt : ages.between(createdAt, epoch) };
}

function makeKeys({ random, ages, account }: Workshop, userCreatedAt: Instant, count: number): SimAccessKey[] {
  const together = random.chance(0.05);
  const first = random.chance(0.5) ? userCreatedAt : ages.created(userCreatedAt);
  return Array.from({ length: count }, (_, index) => {
    const createdAt = index === 0 || together ? first : ages.created(userCreatedAt);
    return {
      accessKeyId: makeId(random, 'AKIA', account.summary.accountId),
      secretAccessKey: random.secret(),
      active: random.chance(0.85),
      createdAt,
      // Uses before the tracking began are not shown: `LastUses` hides them.
      lastUse: ages.use(createdAt),
    };
  });
}

const CREDENTIALS = [
  ['ssh', 'APKA', 0.04],
  ['service-specific', 'ACCA', 0.03],
  ['certificate', 'ASCA', 0.015],
] as const;

const CREDENTIAL_SERVICES = ['codecommit.amazonaws.com', 'cassandra.amazonaws.com', 'bedrock.amazonaws.com'] as const;

function makeCredentials({ random, ages, account }: Workshop, kind: UserKind, createdAt: Instant): SimCredential[] {
  if (kind === 'mail' || kind === 'break-glass') return [];
  return CREDENTIALS.filter(([, , share]) => random.chance(share)).map(([type, prefix]) => ({
    id: makeId(random, prefix, account.summary.accountId),
    kind: type,
    service: type === 'service-specific' ? random.pick(CREDENTIAL_SERVICES) : null,
    active: random.chance(0.75),
    createdAt: ages.created(createdAt),
  }));
}

function attempts({ random, epoch }: Workshop, keys: readonly SimAccessKey[]): Map<string, Instant> {
  const made = new Map<string, Instant>();
  for (const { lastUse } of keys) {
    if (lastUse === null || lastUse.at < epoch - 400 * DAY_MS) continue;
    made.set(lastUse.service, Math.max(lastUse.at, made.get(lastUse.service) ?? 0));
    const denied = random.pick(SERVICES_USED);
    if (random.chance(0.3) && !made.has(denied)) made.set(denied, lastUse.at);
  }
  return made;
}

function tagsFor({ random }: Workshop, kind: UserKind): Map<string, string> {
  const tags = new Map<string, string>();
  if (random.chance(0.6)) tags.set('team', random.pick(TEAMS));
  if (random.chance(0.4)) tags.set('owner', `${random.pick(FIRST_NAMES)}.${random.pick(LAST_NAMES)}@acme.example`);
  if (kind === 'terraform' || (kind === 'bot' && random.chance(0.3))) tags.set('managed-by', 'terraform');
  return tags;
}

function groupsFor({ random }: Workshop, kind: UserKind): string[] {
  if (kind === 'bot') return random.chance(0.5) ? ['ci'] : [];
  if (kind !== 'person') return [];
  return random.shuffled(['developers', 'read-only', 'auditors', 'admins']).slice(0, random.int(0, 2));
}
