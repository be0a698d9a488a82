export type FaultKind =
  | 'error-before-effect'
  /** It took effect, and the answer is an error all the same. */
  | 'error-after-effect'
  | 'effect-then-lost-response'
  | 'slow'
  | 'reset';

export interface FaultRule {
  /** `iam`, `sts`, `organizations`, `sns`, `cloudtrail`; left out = any. */
  service?: string;
  /** `GetUser` and the like; left out = any. */
  action?: string;
  /** The account that the call is made in (for `AssumeRole`: the account of the role). */
  accountId?: string;
  /** Request parameters that must have exactly these values. */
  parameters?: Record<string, string>;
  /** Only requests that change IAM (true), or only those that do not (false). */
  writes?: boolean;
  /** The role or user that calls: the role's name, or the user's ARN. */
  by?: string;
  kind: FaultKind;
  /** How many fitting requests pass before it; default 0. */
  skip?: number;
  /** How many requests it hits; default 1. */
  times?: number;
  /** Of the two errors: default `ServiceFailure`. */
  code?: string;
  message?: string;
  /** Default: the status that AWS gives with the code, else 500. */
  status?: number;
  /** `slow`: extra milliseconds. */
  ms?: number;
}

export interface Fault extends FaultRule {
  id: number;
  remaining: number;
  toSkip: number;
}

export interface FaultTarget {
  service: string;
  action: string;
  accountId: string;
  parameters: Record<string, string>;
  write: boolean;
  principalArn: string;
}

/** The HTTP status that IAM answers each code with (its API reference, "Errors"). */
export const statusOf = (code: string): number => STATUS[code] ?? 500;

const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AuthorizationError: 403,
  ConcurrentModification: 409,
  DeleteConflict: 409,
  EntityAlreadyExists: 409,
  EntityTemporarilyUnmodifiable: 409,
  ExpiredToken: 403,
  InvalidClientTokenId: 403,
  InvalidInput: 400,
  LimitExceeded: 409,
  MalformedPolicyDocument: 400,
  NoSuchEntity: 404,
  NotFound: 404,
  RequestTimeout: 400,
  ServiceUnavailable: 503,
  Throttled: 429,
  Throttling: 400,
  ThrottlingException: 400,
  UnmodifiableEntity: 400,
};

/** Faults waiting to happen; the first that fits a request is used up by it. */
export class Faults {
  private rules: Fault[] = [];
  private lastId = 0;

  add(rule: FaultRule): Fault {
    const fault = { ...rule, id: ++this.lastId, remaining: rule.times ?? 1, toSkip: rule.skip ?? 0 };
    this.rules.push(fault);
    return fault;
  }

  list(): readonly Fault[] {
    return this.rules;
  }

  clear(): void {
    this.rules = [];
  }

  next(target: FaultTarget): Fault | undefined {
    const fitting = this.rules.filter((rule) => fits(rule, target));
    const fault = fitting.find(({ toSkip }) => toSkip === 0);
    for (const rule of fitting) rule.toSkip = Math.max(0, rule.toSkip - 1);
    if (!fault) return undefined;
    fault.remaining -= 1;
    if (fault.remaining <= 0) this.rules = this.rules.filter((rule) => rule !== fault);
    return fault;
  }
}

const fits = (rule: Fault, target: FaultTarget): boolean =>
  (rule.service === undefined || rule.service === target.service) &&
  (rule.action === undefined || rule.action === target.action) &&
  (rule.accountId === undefined || rule.accountId === target.accountId) &&
  (rule.writes === undefined || rule.writes === target.write) &&
  (rule.by === undefined ||
    target.principalArn === rule.by ||
    target.principalArn.includes(`:assumed-role/${rule.by}/`)) &&
  Object.entries(rule.parameters ?? {}).every(([name, value]) => target.parameters[name] === value);
