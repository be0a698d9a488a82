import { type EvaluationResult, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import type { AccountAccess } from '../../aws/account-access';
import { type Layer, reasonOf } from './reasons';

export interface Question {
  readonly roleArn: string;
  readonly actions: readonly string[];
  /** Each action is asked about each of these; none: about `*`. */
  readonly resources: readonly string[];
  /** Condition keys and what they hold in the request that is asked about. */
  readonly context: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
  /** Why not; null where it is allowed. */
  readonly why: string | null;
  /** Whether the policies ask for a condition key that the question did not give: then a refusal says nothing. */
  readonly uncertain: boolean;
}

const PAGE = 1_000;

/**
 * What IAM says a role may do, its boundary and the organization's service control policies (those without conditions)
 * included. https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 * Errors are the SDK's.
 */
export async function simulate(access: AccountAccess, question: Question): Promise<Answer[]> {
  const answers: Answer[] = [];
  let Marker: string | undefined;
  do {
    const page = await access.iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: question.roleArn,
        ActionNames: [...question.actions],
        ...(question.resources.length === 0 ? {} : { ResourceArns: [...question.resources] }),
        ContextEntries: Object.entries(question.context).map(([ContextKeyName, value]) => ({
          ContextKeyName,
          ContextKeyValues: [value],
          ContextKeyType: 'string',
        })),
        MaxItems: PAGE,
        Marker,
      }),
    );
    answers.push(...(page.EvaluationResults ?? []).flatMap(answersOf));
    Marker = page.IsTruncated ? page.Marker : undefined;
  } while (Marker !== undefined);
  return answers;
}

/** Asked about several resources, IAM may put the answer for each below that for the action. */
function answersOf(result: EvaluationResult): Answer[] {
  const each = result.ResourceSpecificResults ?? [];
  if (each.length === 0) return [answerOf(result)];
  return each.map((one) =>
    answerOf({
      ...result,
      EvalResourceName: one.EvalResourceName,
      EvalDecision: one.EvalResourceDecision,
      MissingContextValues: one.MissingContextValues,
      PermissionsBoundaryDecisionDetail: one.PermissionsBoundaryDecisionDetail,
    }),
  );
}

function answerOf(result: EvaluationResult): Answer {
  const allowed = result.EvalDecision === 'allowed';
  return {
    action: result.EvalActionName ?? '',
    resource: result.EvalResourceName ?? '*',
    allowed,
    why: allowed ? null : reasonOf(layerOf(result), result.EvalDecision === 'explicitDeny'),
    uncertain: !allowed && (result.MissingContextValues ?? []).length > 0,
  };
}

function layerOf(result: EvaluationResult): Layer {
  if (result.OrganizationsDecisionDetail?.AllowedByOrganizations === false) return 'organization';
  return result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false ? 'boundary' : 'own';
}
