import { conditionsHold, substitute } from './conditions';
import type { ConditionContext } from './conditions';
import { actionMatches, wildcard } from './matching';
import { parsePolicy } from './policy-document';
import type { Statement } from './policy-document';

export type Effect = 'allow' | 'deny' | 'none';

export interface Request {
  action: string;
  resource: string;
  context: ConditionContext;
}

/** The layers that AWS consults, each a list of documents; `undefined` = the layer does not exist for this principal. */
export interface PolicyLayers {
  identity: readonly string[];
  boundary: readonly string[] | undefined;
  session: readonly string[] | undefined;
  serviceControl: readonly string[] | undefined;
}

export type Layer = 'identity' | 'boundary' | 'session' | 'serviceControl';

export type Decision = { allowed: true } | { allowed: false; explicit: boolean; layer: Layer };

/** One layer's say: an explicit deny wins over every allow. */
export function evaluate(documents: readonly string[], request: Request): Effect {
  let allowed = false;
  for (const document of documents) {
    for (const statement of parsePolicy(document)) {
      if (!applies(statement, request)) continue;
      if (statement.effect === 'Deny') return 'deny';
      allowed = true;
    }
  }
  return allowed ? 'allow' : 'none';
}

/**
 * AWS's evaluation logic for requests inside one account: a deny anywhere refuses; otherwise each layer that exists
 * must allow. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decide(layers: PolicyLayers, request: Request): Decision {
  const effects = order.flatMap((layer) => {
    const documents = layers[layer];
    return documents === undefined ? [] : [{ layer, effect: evaluate(documents, request) }];
  });
  const denying = effects.find(({ effect }) => effect === 'deny');
  if (denying) return { allowed: false, explicit: true, layer: denying.layer };
  const silent = effects.find(({ effect }) => effect === 'none');
  return silent ? { allowed: false, explicit: false, layer: silent.layer } : { allowed: true };
}

const order: readonly Layer[] = ['serviceControl', 'identity', 'boundary', 'session'];

/** Whether a statement speaks of this request (principals aside: identity policies have none). */
export function applies(statement: Statement, request: Request): boolean {
  return (
    actionApplies(statement, request.action) &&
    resourceApplies(statement, request) &&
    conditionsHold(statement.conditions, request.context)
  );
}

export function actionApplies(statement: Statement, action: string): boolean {
  if (statement.actions) return statement.actions.some((pattern) => actionMatches(pattern, action));
  return !(statement.notActions ?? []).some((pattern) => actionMatches(pattern, action));
}

function resourceApplies(statement: Statement, { resource, context }: Request): boolean {
  const matches = (pattern: string): boolean => wildcard(substitute(pattern, context), resource);
  if (statement.resources) return statement.resources.some(matches);
  if (statement.notResources) return !statement.notResources.some(matches);
  return true; // trust policies name no resource
}

const wording: Record<Layer, { policy: string; none: string }> = {
  identity: { policy: 'an identity-based policy', none: 'no identity-based policy' },
  boundary: { policy: 'a permissions boundary', none: 'no permissions boundary' },
  session: { policy: 'a session policy', none: 'no session policy' },
  serviceControl: { policy: 'a service control policy', none: 'no service control policy' },
};

/** AWS's sentence for a refusal. */
export function refusal(principalArn: string, action: string, resource: string, decision: Decision): string {
  const start = `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource}`;
  if (decision.allowed) return start;
  const { policy, none } = wording[decision.layer];
  return decision.explicit
    ? `${start} with an explicit deny in ${policy}`
    : `${start} because ${none} allows the ${action} action`;
}
