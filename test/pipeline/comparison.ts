import type { Indistinguishable } from '../../aws-simulator/world/indistinguishable';
import type { Pipeline } from '../harness/pipeline';

export interface Found {
  check_id: string;
  aws_account_id: string;
  arn: string;
  unique_id: string;
  access_key_id: string | null;
  user_name: string | null;
}

export interface Compared {
  /** Completely read accounts, which were compared. */
  readonly accounts: number;
  /** One line for each finding that is missing or wrong. */
  readonly differing: readonly string[];
  /** What no observer could have told: of these any verdict is right. */
  readonly tolerated: readonly Indistinguishable[];
}

/** All open findings but `inactive-access-key`, which needs a history that the simulator does not keep. */
export const findingsOf = (pipeline: Pipeline): Promise<Found[]> =>
  pipeline.rows<Found>(
    `SELECT f.check_id, a.aws_account_id, i.arn, i.unique_id, i.access_key_id, i.user_name
     FROM findings f JOIN identities i ON i.id = f.identity_id JOIN accounts a ON a.id = f.account_id
     WHERE f.status = 'open' AND f.check_id <> 'inactive-access-key'`,
  );

/** Compares the open findings of all completely read accounts with the simulator's truth at the time of each scan. */
export async function differences(pipeline: Pipeline, days: number, since: Date): Promise<Compared> {
  const { world } = pipeline.simulator;
  const scanned = await pipeline.rows<{ aws_account_id: string; users_read_at: Date }>(
    `SELECT aws_account_id, users_read_at FROM accounts WHERE last_scan_outcome = 'complete' AND status = 'owned'`,
  );
  const expected = new Set<string>();
  const undecidable: Indistinguishable[] = [];
  const window = { from: world.instantOf(since), to: world.now() };
  for (const account of scanned) {
    const at = world.instantOf(account.users_read_at);
    for (const { items } of world.truth(account.aws_account_id, days, { at })) {
      for (const item of items) expected.add(nameOf(item.check, item.uniqueId, item.accessKeyId ?? null));
    }
    undecidable.push(...world.indistinguishable(account.aws_account_id, days, window));
  }
  const compared = new Set(scanned.map((account) => account.aws_account_id));
  const found = (await findingsOf(pipeline)).filter((row) => compared.has(row.aws_account_id));
  const actual = new Set(found.map((row) => nameOf(row.check_id, row.unique_id, row.access_key_id)));
  const all = [
    ...[...expected].filter((name) => !actual.has(name)).map((name) => ({ name, line: `missing: ${name}` })),
    ...[...actual].filter((name) => !expected.has(name)).map((name) => ({ name, line: `wrong: ${name}` })),
  ];
  const excuse = ({ name }: { name: string }): Indistinguishable | undefined =>
    undecidable.find((one) => excused(one, name));
  return {
    accounts: scanned.length,
    differing: all.filter((one) => !excuse(one)).map(({ line }) => line),
    tolerated: all.flatMap((one) => excuse(one) ?? []),
  };
}

/** A key's own checks name the key; `second-active-key` is one finding a user, on the one of its keys that is used less. */
const nameOf = (check: string, uniqueId: string, accessKeyId: string | null): string =>
  check === 'unused-access-key' || check === 'access-key-not-rotated'
    ? `${check} ${uniqueId} ${accessKeyId}`
    : `${check} ${uniqueId}`;

/** Exactly that check and that key where it says so, not all that there is of the identity. */
function excused({ check, uniqueId, accessKeyId }: Indistinguishable, name: string): boolean {
  const [foundCheck, foundId, foundKey] = name.split(' ');
  return (
    foundId === uniqueId &&
    (check === undefined || check === foundCheck) &&
    (accessKeyId === undefined || foundKey === undefined || accessKeyId === foundKey)
  );
}
