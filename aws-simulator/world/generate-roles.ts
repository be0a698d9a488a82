import type { Workshop } from './generate-account';
import { makeId } from './ids';
import type { Instant, LastUse, SimRole } from './model';
import { FIRST_NAMES, LAST_NAMES, SERVICES_USED, TEAMS } from './names';
import { fixedRoles, ordinaryRole, type RoleSketch } from './role-sketches';
import { DAY_MS } from './time-line';

/** At most this share of a fixed number of roles is what AWS and landing zones put into each account. */
const FIXED_SHARE = 0.25;

/** All roles of an account: what each account has, then ordinary ones. */
export function generateRoles(workshop: Workshop): SimRole[] {
  const { random, settings } = workshop;
  const count = settings.rolesPerAccount ?? random.int(80, 160);
  const fixed = fixedRoles(workshop);
  const kept = fixed.slice(0, Math.min(fixed.length, Math.floor(count * FIXED_SHARE)));
  const taken = new Set<string>();
  const roles: SimRole[] = [];
  while (roles.length < count) {
    const sketch = kept[roles.length] ?? ordinaryRole(workshop);
    const name = taken.has(sketch.name.toLowerCase()) ? `${sketch.name}-${roles.length}`.slice(-64) : sketch.name;
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    roles.push(makeRole(workshop, { ...sketch, name }));
  }
  return roles;
}

function makeRole({ random, ages, account }: Workshop, sketch: RoleSketch): SimRole {
  const createdAt = ages.created();
  const lastUse =
    sketch.rare === true ? rareUse(createdAt, random.int(200, 380) * DAY_MS, ages.use(createdAt)) : ages.use(createdAt);
  return {
    name: sketch.name,
    path: sketch.path ?? '/',
    uniqueId: makeId(random, 'AROA', account.summary.accountId),
    createdAt,
    tags: tagsFor(random.chance(0.4), sketch, {
      team: random.pick(TEAMS),
      owner: ownerOf(random.pick(FIRST_NAMES), random.pick(LAST_NAMES)),
    }),
    boundaryArn: null,
    attachedPolicyArns: (sketch.awsPolicies ?? []).map(
      (policy) => `arn:${account.partition}:iam::aws:policy/${policy}`,
    ),
    inlinePolicies:
      sketch.inlinePolicy === undefined ? new Map<string, string>() : new Map([['inline', sketch.inlinePolicy]]),
    serviceAttempts:
      lastUse === null
        ? new Map<string, Instant>()
        : new Map([[lastUse.service, lastUse.at], ...refused(random.pick(SERVICES_USED), lastUse)]),
    description: sketch.description ?? '',
    maxSessionDuration: sketch.maxSessionDuration ?? 3_600,
    trustPolicy: sketch.trustPolicy,
    lastUse,
    instanceProfiles: sketch.instanceProfile === true ? [sketch.name] : [],
  };
}

/** Work that comes once a year: idle for months, and needed all the same. */
function rareUse(createdAt: Instant, agoMs: number, use: LastUse | null): LastUse | null {
  return use === null ? null : { ...use, at: Math.max(createdAt, use.at - agoMs) };
}

/** An attempt that was refused, at the same moment: service-last-accessed data lists those, too. */
const refused = (service: string, use: LastUse): [string, Instant][] =>
  service === use.service ? [] : [[service, use.at]];

const ownerOf = (first: string, last: string): string => `${first}.${last}@acme.example`;

function tagsFor(tagged: boolean, sketch: RoleSketch, tags: { team: string; owner: string }): Map<string, string> {
  if (sketch.path?.startsWith('/aws-') === true) return new Map();
  return new Map([...Object.entries(tagged ? tags : {}), ...Object.entries(sketch.tags ?? {})]);
}
