import type { IamOperation } from './iam-call';
import { identityAt } from './service-last-accessed';
import { boundaryDocuments, identityDocuments } from '../../authorization/authorize';
import { ConditionContext } from '../../authorization/conditions';
import { decide } from '../../authorization/evaluate';
import { validationError } from '../../protocol/aws-error';
import { members } from '../../protocol/xml';

export const policySimulationOperations: Record<string, IamOperation> = {
  /** Identity policies, boundary and service control policies of one identity; no resource policies. */
  SimulatePrincipalPolicy: ({ account, parameters, simulation }) => {
    const arn = parameters.text('PolicySourceArn', { min: 20, max: 2_048 });
    const identity = identityAt(account, arn);
    const names = parameters.list('ActionNames');
    if (names.length === 0)
      throw validationError(
        "1 validation error detected: Value null at 'actionNames' failed to satisfy constraint: Member must not be null",
      );
    const resources = parameters.list('ResourceArns');
    const context = new ConditionContext().set('aws:PrincipalArn', arn);
    for (const entry of parameters.structures('ContextEntries')) {
      context.set(entry.text('ContextKeyName'), entry.list('ContextKeyValues'));
    }
    const serviceControl = simulation.directory.serviceControlPolicy(account.summary.accountId);
    const layers = {
      identity: identityDocuments(account, identity),
      boundary: boundaryDocuments(account, identity),
      session: undefined,
      serviceControl: serviceControl === undefined ? undefined : [serviceControl],
    };
    const results = names.flatMap((action) =>
      (resources.length === 0 ? ['*'] : resources).map((resource) => {
        const decision = decide(layers, { action, resource, context });
        return {
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: decision.allowed ? 'allowed' : decision.explicit ? 'explicitDeny' : 'implicitDeny',
          MatchedStatements: members([]),
          MissingContextValues: members([]),
        };
      }),
    );
    return { IsTruncated: false, EvaluationResults: members(results) };
  },
};
