import type { SimAccount, SimGroup, SimPrincipal, SimUser } from '../world/model';
import { accessDenied } from '../protocol/aws-error';
import { awsManagedPolicy } from './aws-managed-policies';
import { ConditionContext } from './conditions';
import { decide, refusal } from './evaluate';
import type { Decision, PolicyLayers } from './evaluate';
import type { Principal } from './principal';

/** Where an identity's documents come from; resolved anew for each request, so that changes hold at once. */
export function identityDocuments(account: SimAccount, identity: SimPrincipal | SimUser): string[] {
  const groups = 'groups' in identity ? identity.groups : [];
  const holders: (SimPrincipal | SimGroup)[] = [
    identity,
    ...groups.flatMap((name) => account.groups.get(name.toLowerCase()) ?? []),
  ];
  return holders.flatMap((holder) => [
    ...holder.inlinePolicies.values(),
    ...holder.attachedPolicyArns.flatMap((arn) => managedDocument(account, arn) ?? []),
  ]);
}

export const managedDocument = (account: SimAccount, arn: string): string | undefined =>
  awsManagedPolicy(arn) ?? account.policies.get(arn)?.document;

/** A boundary whose document is unknown allows nothing, as a deleted one would. */
export const boundaryDocuments = (account: SimAccount, identity: SimPrincipal): string[] | undefined => {
  if (identity.boundaryArn === null) return undefined;
  const document = managedDocument(account, identity.boundaryArn);
  return document === undefined ? [] : [document];
};

/** The layers that hold for a principal. Root is bound by service control policies only. */
export function layersOf(principal: Principal, serviceControl: string | undefined): PolicyLayers {
  const scp = serviceControl === undefined ? undefined : [serviceControl];
  if (principal.kind === 'root') {
    return { identity: [ALLOW_ALL], boundary: undefined, session: undefined, serviceControl: scp };
  }
  const identity = principal.kind === 'user' ? principal.user : principal.role;
  return {
    identity: identityDocuments(principal.account, identity),
    boundary: boundaryDocuments(principal.account, identity),
    session: principal.kind === 'role' ? principal.session.sessionPolicies : undefined,
    serviceControl: scp,
  };
}

const ALLOW_ALL = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });

export interface Authorization {
  principal: Principal;
  action: string;
  resource: string;
  context: ConditionContext;
  serviceControl: string | undefined;
}

export const decideFor = ({ principal, action, resource, context, serviceControl }: Authorization): Decision =>
  decide(layersOf(principal, serviceControl), { action, resource, context });

/** Throws `AccessDenied` in AWS's words unless every layer allows. */
export function authorize(request: Authorization): void {
  const decision = decideFor(request);
  if (!decision.allowed) throw accessDenied(refusal(request.principal.arn, request.action, request.resource, decision));
}

/** Global condition keys of a request. */
export function principalContext(
  principal: Principal,
  facts: { region: string; organizationId: string | undefined; now: number },
): ConditionContext {
  const now = new Date(facts.now);
  const context = new ConditionContext()
    .set('aws:PrincipalArn', principal.identityArn)
    .set('aws:PrincipalAccount', principal.account.summary.accountId)
    .set('aws:PrincipalOrgID', facts.organizationId)
    .set('aws:PrincipalType', { user: 'User', role: 'AssumedRole', root: 'Account' }[principal.kind])
    .set('aws:PrincipalIsAWSService', 'false')
    .set('aws:userid', principal.userId)
    .set('aws:RequestedRegion', facts.region)
    .set('aws:CurrentTime', now.toISOString())
    .set('aws:EpochTime', String(Math.floor(now.getTime() / 1000)))
    .set('aws:SecureTransport', 'false')
    .set('aws:SourceIp', '127.0.0.1')
    .set('aws:ViaAWSService', 'false');
  if (principal.kind === 'user') context.set('aws:username', principal.user.name);
  if (principal.kind !== 'root') {
    const tags =
      principal.kind === 'user' ? principal.user.tags : new Map([...principal.role.tags, ...principal.session.tags]);
    for (const [key, value] of tags) context.set(`aws:PrincipalTag/${key}`, value);
  }
  if (principal.kind === 'role') {
    context
      .set('aws:TokenIssueTime', new Date(principal.session.issuedAt).toISOString())
      .set('aws:MultiFactorAuthPresent', 'false')
      .set('aws:SourceIdentity', principal.session.sourceIdentity);
  }
  return context;
}
