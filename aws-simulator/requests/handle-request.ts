import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseIamArn } from '../arns';
import type { Principal } from '../authorization/principal';
import { actions } from '../authorization/actions';
import type { Fault } from '../limits/faults';
import { statusOf } from '../limits/faults';
import { AwsError } from '../protocol/aws-error';
import { answerIam } from '../services/iam/iam';
import type { Touched } from '../services/iam/touched';
import { answerCloudTrail } from '../services/cloudtrail/cloudtrail';
import { recordRequest } from '../services/cloudtrail/recording';
import { answerOrganizations } from '../services/organizations/organizations';
import { answerSns } from '../services/sns/sns';
import { answerSts } from '../services/sts/sts';
import { readClaim } from '../signing/sigv4';
import type { SignatureClaim, SignedRequest } from '../signing/sigv4';
import type { Simulation } from '../simulation';
import { asAwsError, errorAnswer, jsonAnswer, xmlAnswer } from './answers';
import type { HttpAnswer } from './answers';
import { authenticate, recordUse } from './authenticate';
import { loggedParameters, readRequest, speaksJson } from './read-request';
import type { AwsRequest } from './read-request';

export type Outcome = { requestId: string; answer: HttpAnswer } | { requestId: string; answer: 'connection-lost' };

/** What is known of a request so far, for the log. */
interface Progress {
  request: AwsRequest | undefined;
  principal: Principal | undefined;
  accountId: string;
  throttled: boolean;
  /** An IAM write that took effect. */
  touched: Touched | undefined;
}

class ConnectionLost extends Error {}

/** Each service says it in its own words. */
const throttled = (service: AwsRequest['service']): AwsError =>
  service === 'sns'
    ? new AwsError('Throttled', 'Rate exceeded', 429)
    : new AwsError(service === 'cloudtrail' ? 'ThrottlingException' : 'Throttling', 'Rate exceeded', 400);

/** One AWS request from bytes to answer: read, authenticate, pace, fail as told, authorize and answer, log. */
export async function handleRequest(simulation: Simulation, signed: SignedRequest, url: URL): Promise<Outcome> {
  const requestId = randomUUID();
  const started = performance.now();
  const progress: Progress = {
    request: undefined,
    principal: undefined,
    accountId: 'unknown',
    throttled: false,
    touched: undefined,
  };
  let answer: HttpAnswer | 'connection-lost';
  let error: AwsError | undefined;
  try {
    answer = await answerRequest(simulation, signed, url, requestId, progress);
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) answer = 'connection-lost';
    else {
      error = asAwsError(thrown);
      answer = errorAnswer(error, speaksJson(signed.headers), progress.request?.service ?? 'iam', requestId);
    }
  }
  const { request, principal, touched } = progress;
  const known = {
    at: new Date().toISOString(),
    action: request?.action ?? 'unknown',
    accountId: progress.accountId,
    principalArn: principal?.arn ?? 'unknown',
    sourceIdentity: principal?.kind === 'role' ? (principal.session.sourceIdentity ?? null) : null,
    identityIds: touched?.identityIds ?? [],
    objectIds: touched?.objectIds ?? [],
  };
  if (touched)
    simulation.writes.add({
      requestId,
      ...known,
      shownAt: simulation.world.shown(simulation.world.now()).toISOString(),
    });
  simulation.log.add({
    id: requestId,
    ...known,
    service: request?.service ?? 'unknown',
    parameters: request ? loggedParameters(request) : {},
    status: answer === 'connection-lost' ? 0 : answer.status,
    errorCode: error?.code ?? null,
    throttled: progress.throttled,
    applied: touched !== undefined,
    lost: answer === 'connection-lost',
    durationMs: Math.round(performance.now() - started),
  });
  return { requestId, answer };
}

async function answerRequest(
  simulation: Simulation,
  signed: SignedRequest,
  url: URL,
  requestId: string,
  progress: Progress,
): Promise<HttpAnswer> {
  const request = readRequest(signed.headers, signed.method, url, signed.body);
  progress.request = request;
  const claim = readClaim(signed.headers);
  if (claim.service !== request.service) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      `Credential should be scoped to correct service: '${request.service}'.`,
      403,
    );
  }
  const principal = await authenticate(simulation, signed, claim);
  progress.principal = principal;
  progress.accountId = accountConcerned(request, principal);

  if (!simulation.buckets.take(request.service, request.action, principal.account.summary.accountId)) {
    progress.throttled = true;
    throw throttled(request.service);
  }
  const fault = simulation.faults.next({
    service: request.service,
    action: request.action,
    accountId: progress.accountId,
    parameters: loggedParameters(request),
    write: request.service === 'iam' && actions[`iam:${request.action}`]?.write === true,
    principalArn: principal.arn,
  });
  const { ms, byAction } = simulation.latency;
  const delay =
    (byAction[`${request.service}:${request.action}`] ?? ms) + (fault?.kind === 'slow' ? (fault.ms ?? 1_000) : 0);
  if (delay > 0) await pause(delay);
  if (fault?.code?.startsWith('Throttling') === true) progress.throttled = true;
  if (fault?.kind === 'reset') throw new ConnectionLost();
  if (fault?.kind === 'error-before-effect') throw errorOf(fault);
  const answer = effect(simulation, { request, principal, requestId, progress }, claim);
  if (fault?.kind === 'error-after-effect') throw errorOf(fault);
  if (fault?.kind === 'effect-then-lost-response') throw new ConnectionLost();
  return answer;
}

const errorOf = ({ code = 'ServiceFailure', message, status }: Fault): AwsError =>
  new AwsError(code, message ?? 'A fault that the simulator was told to make.', status ?? statusOf(code));

interface Authenticated {
  request: AwsRequest;
  principal: Principal;
  requestId: string;
  progress: Progress;
}

function effect(simulation: Simulation, authenticated: Authenticated, claim: SignatureClaim): HttpAnswer {
  const { principal, request } = authenticated;
  const told = {
    action: `${request.service}:${request.action}`,
    region: claim.region,
    roleArn: request.service === 'sts' ? request.parameters.optional('RoleArn') : undefined,
  };
  try {
    const answer = answerOf(simulation, authenticated, claim.region);
    recordUse(simulation, principal, claim, false);
    recordRequest(simulation, principal, { ...told, errorCode: null });
    return answer;
  } catch (error) {
    recordRequest(simulation, principal, { ...told, errorCode: asAwsError(error).code });
    recordUse(simulation, principal, claim, /^(AccessDenied|AuthorizationError)/.test(asAwsError(error).code));
    throw error;
  }
}

function answerOf(
  simulation: Simulation,
  { request, principal, requestId, progress }: Authenticated,
  region: string,
): HttpAnswer {
  const { action } = request;
  const applied = (touched: Touched): void => {
    progress.touched = touched;
  };
  switch (request.service) {
    case 'iam':
      return xmlAnswer(
        'iam',
        action,
        answerIam(simulation, { action, principal, parameters: request.parameters, region, applied }),
        requestId,
      );
    case 'sts':
      return xmlAnswer(
        'sts',
        action,
        answerSts(action, { simulation, principal, parameters: request.parameters, region }),
        requestId,
      );
    case 'sns':
      return xmlAnswer(
        'sns',
        action,
        answerSns(action, { simulation, principal, parameters: request.parameters, region }),
        requestId,
      );
    case 'cloudtrail':
      return jsonAnswer(answerCloudTrail(action, { simulation, principal, input: request.input, region }));
    case 'organizations':
      return jsonAnswer(answerOrganizations(action, { simulation, principal, input: request.input, region }));
  }
}

/** The account that a request is counted for: the role's for `AssumeRole`, else the caller's. */
function accountConcerned(request: AwsRequest, principal: Principal): string {
  const roleArn = request.service === 'sts' ? request.parameters.optional('RoleArn') : undefined;
  return (roleArn === undefined ? undefined : parseIamArn(roleArn)?.accountId) ?? principal.account.summary.accountId;
}
