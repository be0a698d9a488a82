import type { EntityManager } from 'typeorm';
import type { Reference } from '../items/plan-item';
import { type Candidate, describedBy } from './courses';

/** Of more the number is told. */
const SHOWN = 20;

/** Who trusts whom, in all of the tenant's accounts: the ARN that is trusted → the ARNs of the roles that do. */
export type TrustedBy = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the trust policies of all roles that the tenant's accounts hold, once for all the candidates. A role is trusted by its
 * ARN, or as one of its sessions (`arn:aws:sts::…:assumed-role/NAME/SESSION`).
 */
export async function readTrust(
  manager: EntityManager,
  tenantId: string,
  candidates: readonly Candidate[],
): Promise<TrustedBy> {
  const forms = new Map<string, string>();
  for (const { course, principal } of candidates) {
    if (course !== 'user' && course !== 'role') continue;
    const { arn, name } = describedBy(principal);
    forms.set(arn, arn);
    const [, partition = '', , , accountId = ''] = arn.split(':');
    if (course === 'role') forms.set(`arn:${partition}:sts::${accountId}:assumed-role/${name}`, arn);
  }
  if (forms.size === 0) return new Map();
  const rows = await manager.query<{ trusted: string; holders: string[] }[]>(
    `WITH wanted AS MATERIALIZED (SELECT * FROM unnest($2::text[], $3::text[]) AS w (form, arn))
     SELECT w.arn AS trusted, array_agg(DISTINCT r.arn ORDER BY r.arn) AS holders
     FROM identities r CROSS JOIN LATERAL jsonb_array_elements_text(r.detail -> 'trustedPrincipals') AS p (principal)
     JOIN wanted w ON w.form = CASE WHEN strpos(p.principal, ':assumed-role/') > 0
       THEN regexp_replace(p.principal, '/[^/]*$', '') ELSE p.principal END
     WHERE r.tenant_id = $1 AND r.kind = 'role' AND r.gone_at IS NULL AND r.arn <> w.arn
       AND jsonb_typeof(r.detail -> 'trustedPrincipals') = 'array'
     GROUP BY w.arn`,
    [tenantId, [...forms.keys()], [...forms.values()]],
  );
  return new Map(rows.map(({ trusted, holders }) => [trusted, holders]));
}

/** Which of these ARNs are trusted by roles of other tenants; never by whose. */
export async function readTrustedElsewhere(
  manager: EntityManager,
  arns: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await manager.query<{ arn: string }[]>('SELECT arn FROM trusted_in_other_tenants($1::text[])', [
    [...new Set(arns)],
  ]);
  return new Set(rows.map(({ arn }) => arn));
}

/** What was found that names it or hangs on it, and what nobody can see. */
export function referencesOf({ course, principal }: Candidate, trustedBy: TrustedBy): Reference[] {
  if (course === 'access-key' || course === 'observed-key') {
    return [unseen('Which programs hold this key, and where it is stored, cannot be seen.')];
  }
  if (course === 'password') return [unseen('Who knows this password cannot be seen.')];
  const { arn, attachedPolicyArns, inlinePolicyNames } = describedBy(principal);
  const list = (kind: Reference['kind'], holders: readonly string[], text: (holder: string) => string): Reference[] => {
    const shown = [...holders].sort().slice(0, SHOWN);
    const more = holders.length - shown.length;
    const told = shown.map((holder) => ({ kind, holder, text: text(holder) }));
    return more > 0 ? [...told, { kind, holder: null, text: `… and ${more} more of these.` }] : told;
  };
  const profiles = principal.kind === 'role' ? principal.stored.role.instanceProfileArns : [];
  const groups = principal.kind === 'user' ? principal.stored.user.groups : [];
  return [
    ...list('trust-policy', trustedBy.get(arn) ?? [], (holder) => `The trust policy of ${holder} names it. ${DEAD_ID}`),
    ...list(
      'instance-profile',
      profiles,
      (holder) => `It is in the instance profile ${holder}; an instance may run on it.`,
    ),
    ...list('group', groups, (holder) => `It is in the group ${holder}.`),
    ...list('attached-policy', attachedPolicyArns, (holder) => `The policy ${holder} is attached to it.`),
    ...list('attached-policy', inlinePolicyNames, (holder) => `It holds the inline policy ${holder}.`),
    unseen(UNSEEN[principal.kind]),
  ];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
const DEAD_ID =
  'Once it is deleted, that policy holds a dead id: one made again under the same name is not trusted until somebody mends it.';

const UNSEEN = {
  user: 'Bucket, key and other resource policies that name it cannot be seen, in this account or another one; nor can the trust of accounts that Mothball does not know.',
  role: 'Bucket, key and other resource policies that name it cannot be seen, in this account or another one; nor can the trust of accounts that Mothball does not know, nor the functions, tasks and rules that are configured with it.',
} as const;

const unseen = (text: string): Reference => ({ kind: 'unseen', holder: null, text });
