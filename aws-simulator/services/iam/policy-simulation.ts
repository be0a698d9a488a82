import type { IamCall, IamOperation } from './iam-call';
import { identityAt } from './service-last-accessed';
import { actions } from '../../authorization/actions';
import { boundaryDocuments, identityDocuments } from '../../authorization/authorize';
import { ConditionContext } from '../../authorization/conditions';
import type { Decision, PolicyLayers } from '../../authorization/evaluate';
import { actionApplies, decide, evaluate } from '../../authorization/evaluate';
import { otherActions } from '../../authorization/other-actions';
import { parsePolicy } from '../../authorization/policy-document';
import { AwsError, validationError } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';

/** Services whose actions are all known here; of others any name will do. */
const KNOWN_SERVICES = /^(iam|sts|organizations):/;

export const policySimulationOperations: Record<string, IamOperation> = {
  /** Identity policies, boundary and service control policies of one identity; no resource policies. */
  SimulatePrincipalPolicy: (call) => {
    const { account, parameters, simulation } = call;
    const arn = parameters.text('PolicySourceArn', { min: 20, max: 2_048 });
    const identity = identityAt(account, arn);
    const names = actionNames(call);
    const resources = parameters.list('ResourceArns');
    const context = new ConditionContext().set('aws:PrincipalArn', arn);
    for (const entry of parameters.structures('ContextEntries')) {
      context.set(entry.text('ContextKeyName'), entry.list('ContextKeyValues'));
    }
    const serviceControl = simulation.directory.serviceControlPolicy(account.summary.accountId);
    const layers: PolicyLayers = {
      identity: identityDocuments(account, identity),
      boundary: boundaryDocuments(account, identity),
      session: undefined,
      serviceControl: serviceControl === undefined ? undefined : [serviceControl],
    };
    const results = names.flatMap((action) =>
      (resources.length === 0 ? ['*'] : resources).map((resource) => evaluated(layers, { action, resource, context })),
    );
    return page(call, results);
  },
};

/** Throws as AWS does for none, for wildcards and for actions that do not exist. */
function actionNames({ parameters }: IamCall): string[] {
  const names = parameters.list('ActionNames');
  if (names.length === 0)
    throw validationError(
      "1 validation error detected: Value null at 'actionNames' failed to satisfy constraint: Member must not be null",
    );
  for (const name of names) {
    const known = KNOWN_SERVICES.test(name) ? name in actions || name in otherActions : /^[a-z0-9-]+:\w+$/.test(name);
    if (!known) throw new AwsError('InvalidInput', `Invalid Entity Action: ${name}`, 400);
  }
  return names;
}

interface Question {
  action: string;
  resource: string;
  context: ConditionContext;
}

function evaluated(layers: PolicyLayers, question: Question): XmlObject {
  const decision = decide(layers, question);
  return {
    EvalActionName: question.action,
    EvalResourceName: question.resource,
    EvalDecision: wordOf(decision),
    MatchedStatements: members([]),
    MissingContextValues: members(missingKeys(layers, question)),
    ...(layers.serviceControl === undefined
      ? {}
      : { OrganizationsDecisionDetail: { AllowedByOrganizations: allows(layers.serviceControl, question) } }),
    ...(layers.boundary === undefined
      ? {}
      : { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: allows(layers.boundary, question) } }),
  };
}

const wordOf = (decision: Decision): string =>
  decision.allowed ? 'allowed' : decision.explicit ? 'explicitDeny' : 'implicitDeny';

const allows = (documents: readonly string[], question: Question): boolean => evaluate(documents, question) === 'allow';

/** Condition keys that policies ask for where they speak of this action, and that the caller did not give. */
function missingKeys({ identity, boundary = [] }: PolicyLayers, { action, context }: Question): string[] {
  const asked = [...identity, ...boundary]
    .flatMap((document) => parsePolicy(document))
    .filter((statement) => actionApplies(statement, action))
    .flatMap(({ conditions }) => Object.values(conditions).flatMap((keys) => Object.keys(keys)));
  return [...new Set(asked)].filter((key) => context.get(key) === undefined).sort();
}

/** The marker is a position: nothing changes between pages of a simulation that is asked again. */
function page({ parameters }: IamCall, results: readonly XmlObject[]): XmlObject {
  const size = parameters.integer('MaxItems', 1, 1_000) ?? 100;
  const start = Number(parameters.optional('Marker', { pattern: /^\d+$/ }) ?? 0);
  const end = start + size;
  return {
    ...(end < results.length ? { IsTruncated: true, Marker: String(end) } : { IsTruncated: false }),
    EvaluationResults: members(results.slice(start, end)),
  };
}
