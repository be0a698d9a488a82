import { badInput } from '../../errors';
import type { IdentityKind } from '../../scans/inventory';
import { isCheckId } from '../checks/index';
import type { CheckId } from '../policy';
import type { ExemptionLimits, ExemptionScope } from './exemption';

type Given<T> = T | null | undefined;

/** An exemption as it is asked for. */
export interface ExemptionRequest {
  readonly scope: {
    readonly uniqueId?: Given<string>;
    readonly glob?: Given<string>;
    readonly tag?: Given<{ readonly key: string; readonly value?: Given<string> }>;
    readonly awsAccountId?: Given<string>;
  };
  readonly checks?: Given<readonly string[]>;
  readonly kinds?: Given<readonly IdentityKind[]>;
  readonly accounts?: Given<readonly string[]>;
  readonly organizationalUnits?: Given<readonly string[]>;
}

export interface CheckedRequest {
  readonly scope: ExemptionScope;
  readonly limits: ExemptionLimits;
}

/** Users, roles, access keys; of the root user its account's number. */
const UNIQUE_ID = /^(A(IDA|ROA|KIA)[A-Z0-9]{1,124}|[0-9]{12})$/;
const ACCOUNT = /^[0-9]{12}$/;
const MOST = 100;

/** What an exemption spares, checked. Throws BAD_INPUT naming the field and what to do. */
export function checkRequest(request: ExemptionRequest): CheckedRequest {
  const scope = checkScope(request.scope);
  const limits = {
    checks: list(request.checks, 'checks')?.map(checkId) ?? null,
    kinds: list(request.kinds, 'kinds'),
    accounts: list(request.accounts, 'accounts')?.map((id) => accountId(id, 'accounts')) ?? null,
    organizationalUnits: list(request.organizationalUnits, 'organizationalUnits')?.map(unit) ?? null,
  };
  if (scope.kind === 'identity' || scope.kind === 'account') {
    if (limits.accounts !== null || limits.organizationalUnits !== null) {
      throw badInput('accounts, organizationalUnits: for a glob or a tag only; this scope names its account itself.');
    }
  }
  return { scope, limits };
}

function checkScope({ uniqueId, glob, tag, awsAccountId }: ExemptionRequest['scope']): ExemptionScope {
  const given = [uniqueId, glob, tag, awsAccountId].filter((one) => one != null);
  if (given.length !== 1) throw badInput('scope: give exactly one of uniqueId, glob, tag and awsAccountId.');
  if (uniqueId != null) {
    if (!UNIQUE_ID.test(uniqueId)) {
      throw badInput(
        'scope.uniqueId: must be a unique id of AWS: AIDA… (user), AROA… (role), AKIA… (access key), or the account’s number for its root user. A name is not enough: it may be given to somebody else.',
      );
    }
    return { kind: 'identity', uniqueId };
  }
  if (glob != null) return { kind: 'glob', pattern: pattern(glob) };
  if (tag != null) return { kind: 'tag', ...tagOf(tag) };
  return { kind: 'account', awsAccountId: accountId(awsAccountId ?? '', 'scope.awsAccountId') };
}

/** Of path and name together, so it begins as a path does, or with a wildcard; else it would silently match nothing. */
function pattern(glob: string): string {
  if (!/^[/*?]/.test(glob)) {
    throw badInput(
      `scope.glob: a pattern on path and name begins with "/" or "*": write "/${glob}" for one without a path.`,
    );
  }
  if (!/^[-a-zA-Z0-9+=,.@_/*?]{1,600}$/.test(glob)) {
    throw badInput(
      'scope.glob: letters, digits and + = , . @ _ - / only, with * for any text and ? for one character.',
    );
  }
  return glob;
}

function tagOf({ key, value = null }: { key: string; value?: Given<string> }): { key: string; value: string | null } {
  if (key === '' || key.length > 128) throw badInput('scope.tag.key: must have 1 to 128 characters.');
  if (value !== null && (value === '' || value.length > 256)) {
    throw badInput('scope.tag.value: must have 1 to 256 characters; leave it out to mean "any".');
  }
  return { key, value };
}

function list<T>(given: Given<readonly T[]>, field: string): T[] | null {
  if (given == null) return null;
  if (given.length === 0) throw badInput(`${field}: the list is empty. Leave the field out to mean "any".`);
  if (given.length > MOST) throw badInput(`${field}: must name at most ${MOST}.`);
  return [...new Set(given)];
}

function checkId(id: string): CheckId {
  if (!isCheckId(id)) throw badInput(`checks: there is no check "${id}"; the query "checks" lists them.`);
  return id;
}

function accountId(text: string, field: string): string {
  if (!ACCOUNT.test(text)) throw badInput(`${field}: "${text}" is no AWS account id; it has twelve digits.`);
  return text;
}

function unit(path: string): string {
  if (!path.startsWith('/')) {
    throw badInput(`organizationalUnits: "${path}" must begin with "/", for example "/Workloads/Prod".`);
  }
  return path;
}

/** Why something is spared. Throws BAD_INPUT. */
export function checkReason(text: string): string {
  const reason = text.trim();
  if (reason === '') throw badInput('reason: say why it is spared.');
  if (reason.length > 1_000) throw badInput('reason: must have at most 1,000 characters.');
  return reason;
}
