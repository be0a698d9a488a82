export type FaultKind = 'error-before-effect' | 'effect-then-lost-response' | 'slow' | 'reset';

export interface FaultRule {
  /** `iam`, `sts`, `organizations`; left out = any. */
  service?: string;
  /** `GetUser` and the like; left out = any. */
  action?: string;
  /** The account that the call is made in (for `AssumeRole`: the account of the role). */
  accountId?: string;
  /** Request parameters that must have exactly these values. */
  parameters?: Record<string, string>;
  kind: FaultKind;
  /** How many requests it hits; default 1. */
  times?: number;
  /** `error-before-effect`: default `ServiceFailure`, 500. */
  code?: string;
  message?: string;
  status?: number;
  /** `slow`: extra milliseconds. */
  ms?: number;
}

export interface Fault extends FaultRule {
  id: number;
  remaining: number;
}

export interface FaultTarget {
  service: string;
  action: string;
  accountId: string;
  parameters: Record<string, string>;
}

/** Faults waiting to happen; the first that fits a request is used up by it. */
export class Faults {
  private rules: Fault[] = [];
  private lastId = 0;

  add(rule: FaultRule): Fault {
    const fault = { ...rule, id: ++this.lastId, remaining: rule.times ?? 1 };
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
    const fault = this.rules.find((rule) => fits(rule, target));
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
  Object.entries(rule.parameters ?? {}).every(([name, value]) => target.parameters[name] === value);
