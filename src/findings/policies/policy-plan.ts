import { badInput } from '../../errors';
import { hashOf } from './documents/canonical';
import { needsAgreement, type Placed } from './policies-in-force';
import type { PolicyDocument } from './documents/policy-document';
import { takesEveryone } from './policy-scope';
import type { PolicyVersion, StoredPolicy } from './stored-policy';

const MOST_POLICIES = 200;

/** One place in the order that is wanted: a document, or a policy as it stands. */
export type Wanted = { readonly document: PolicyDocument } | { readonly keep: StoredPolicy };

export type PolicyChange = 'created' | 'changed' | 'moved' | 'retired' | 'unchanged';

/** A version that is to be saved, apart from who saves it and when. */
export type NewVersion = Omit<PolicyVersion, 'savedBy' | 'note' | 'createdAt'>;

export interface PlannedPolicy {
  readonly name: string;
  readonly stored: StoredPolicy | null;
  /** To be saved; null: none of its content changes. */
  readonly added: NewVersion | null;
  /** Whether what is added judges only once a second person has agreed. */
  readonly waits: boolean;
  /** Whether an open proposal is withdrawn: the document is again what is in force. */
  readonly withdraws: boolean;
  readonly change: PolicyChange;
}

export interface PolicyPlan {
  /** As it will be, in order. */
  readonly policies: readonly PlannedPolicy[];
  readonly retired: readonly StoredPolicy[];
}

/** What saving these would do to the tenant's policies (`all`: retired ones too). Pure. Throws BAD_INPUT. */
export function planPolicies(all: readonly StoredPolicy[], wanted: readonly Wanted[]): PolicyPlan {
  const names = wanted.map(nameOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw badInput(`documents: the name "${twice}" is there twice; names are unique.`);
  if (names.length > MOST_POLICIES) throw badInput(`documents: a tenant has at most ${MOST_POLICIES} policies.`);
  const standing = all.filter(({ retiredAt }) => retiredAt === null);
  const kept = standing.filter(({ name }) => names.includes(name));
  const place = new Map(kept.map(({ name }, index) => [name, index]));
  const keptNames = names.filter((name) => place.has(name));
  return {
    policies: wanted.map((one) => {
      const name = nameOf(one);
      const stored = all.find((other) => other.name === name) ?? null;
      const moved = place.has(name) && place.get(name) !== keptNames.indexOf(name);
      return planned(name, stored, 'document' in one ? one.document : null, moved);
    }),
    retired: standing.filter(({ name }) => !names.includes(name)),
  };
}

function planned(
  name: string,
  stored: StoredPolicy | null,
  document: PolicyDocument | null,
  moved: boolean,
): PlannedPolicy {
  const none = { name, stored, added: null, waits: false, withdraws: false };
  const unchanged = { ...none, change: moved ? ('moved' as const) : ('unchanged' as const) };
  if (!document) return unchanged;
  const hash = hashOfDocument(document);
  // Brought back from retirement it is a new version, so that nothing that was agreed to long ago holds again unseen.
  if (stored && stored.retiredAt === null) {
    const { current, proposal } = stored;
    if (proposal?.version.hash === hash) return unchanged;
    if (current?.hash === hash) return proposal ? { ...unchanged, withdraws: true, change: 'changed' } : unchanged;
  }
  const { source, scope, settings, action, schedule } = document;
  return {
    ...none,
    added: { version: (stored?.lastVersion ?? 0) + 1, hash, source, scope, settings, action, schedule },
    waits: needsAgreement(action),
    change: stored && stored.retiredAt === null ? 'changed' : 'created',
  };
}

export const hashOfDocument = ({ source, scope, settings, action, schedule }: PolicyDocument): string =>
  hashOf({ source, scope, settings, action, schedule });

const nameOf = (one: Wanted): string => ('keep' in one ? one.keep.name : one.document.name);

/** The order after the plan, as far as it judges. `asAgreed`: as if a second person had agreed to everything. */
export const placedBy = (plan: PolicyPlan, asAgreed = false): Placed[] =>
  plan.policies.map(({ name, stored, added, waits, withdraws }) => {
    const at = new Date(0);
    if (added && (asAgreed || !waits)) return { name, current: { ...added, savedBy: '', note: null, createdAt: at } };
    if (stored?.retiredAt) return { name, current: null };
    const proposed = asAgreed && !withdraws && !added ? stored?.proposal?.version : undefined;
    return { name, current: proposed ?? stored?.current ?? null };
  });

/** Only these documents are said anew: what they name is replaced in its place, what is new comes where it can decide. */
export function merged(standing: readonly StoredPolicy[], documents: readonly PolicyDocument[]): Wanted[] {
  const given = new Map(documents.map((document) => [document.name, document]));
  const wanted = standing.map((keep): Wanted => {
    const document = given.get(keep.name);
    return document ? { document } : { keep };
  });
  const known = new Set(standing.map(({ name }) => name));
  const added = documents.filter(({ name }) => !known.has(name)).map((document): Wanted => ({ document }));
  // Behind a policy that takes in everything nothing would ever reach it.
  const catchAll = standing.findIndex(({ current, proposal }) => takesAll((proposal?.version ?? current)?.scope));
  const place = catchAll < 0 ? wanted.length : catchAll;
  return [...wanted.slice(0, place), ...added, ...wanted.slice(place)];
}

function takesAll(scope: PolicyVersion['scope'] | undefined): boolean {
  if (!scope || !takesEveryone(scope)) return false;
  const { accounts, organizationalUnits, accountTags } = scope;
  return accounts.length + organizationalUnits.length + Object.keys(accountTags).length === 0;
}
