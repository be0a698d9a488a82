import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { StsCall } from './sts';
import { assumedRoleArn, parseIamArn } from '../../arns';
import { authorizeAssumption } from './assumption';
import { managedDocument } from '../../authorization/authorize';
import { checkIdentityPolicy } from '../../authorization/policy-document';
import type { Session } from '../../authorization/principal';
import { AwsError, accessDenied, noSuchEntity, validationError } from '../../protocol/aws-error';
import { timestamp } from '../../protocol/xml';
import type { XmlObject } from '../../protocol/xml';
import type { SimAccount, SimRole } from '../../world/model';

const SESSION_NAME = { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ };
const EXTERNAL_ID = { min: 2, max: 1_224, pattern: /^[\w+=,.@:/-]*$/ };
/** Plain text of all session policies together. */
const MAX_POLICY_CHARACTERS = 2_048;
const MAX_CHAINED_SECONDS = 3_600;
const DEFAULT_SECONDS = 3_600;

export interface AssumeRoleRequest {
  roleArn: string;
  sessionName: string;
  externalId: string | undefined;
  sourceIdentity: string | undefined;
  tags: Map<string, string>;
  transitiveTagKeys: string[];
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function assumeRole(call: StsCall): XmlObject {
  const { parameters, principal, simulation } = call;
  const request: AssumeRoleRequest = {
    roleArn: parameters.text('RoleArn', { min: 20, max: 2_048 }),
    sessionName: parameters.text('RoleSessionName', SESSION_NAME),
    externalId: parameters.optional('ExternalId', EXTERNAL_ID),
    sourceIdentity: parameters.optional('SourceIdentity', SESSION_NAME),
    tags: parameters.tags(),
    transitiveTagKeys: parameters.list('TransitiveTagKeys'),
  };
  const seconds = parameters.integer('DurationSeconds', 900, 43_200);
  const policy = parameters.optional('Policy', { min: 1, max: MAX_POLICY_CHARACTERS });
  if (policy !== undefined) checkIdentityPolicy(policy);

  const { account, role } = findRole(call, request);
  const chained = principal.kind === 'role' ? principal.session : undefined;
  if (chained?.sourceIdentity !== undefined) {
    // A source identity, once set, goes with every chained role and cannot be changed.
    if (request.sourceIdentity !== undefined && request.sourceIdentity !== chained.sourceIdentity)
      throw notAllowed(call, request);
    request.sourceIdentity = chained.sourceIdentity;
  }
  authorizeAssumption(call, account, role, request);

  if (chained && (seconds ?? DEFAULT_SECONDS) > MAX_CHAINED_SECONDS) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  if ((seconds ?? DEFAULT_SECONDS) > role.maxSessionDuration) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const { documents, packedBytes } = sessionPolicies(call, account, policy, request.tags);
  const packedPercent = Math.ceil((packedBytes * 100) / simulation.switches.packedPolicyLimitBytes);
  if (packedPercent > 100) {
    throw new AwsError(
      'PackedPolicyTooLarge',
      `Packed size of session tags and policies consumes ${packedPercent}% of allotted space.`,
    );
  }
  const session = openSession(call, account, role, { ...request, seconds: seconds ?? DEFAULT_SECONDS, documents });
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: timestamp(new Date(session.expiresAt)),
    },
    AssumedRoleUser: {
      AssumedRoleId: `${role.uniqueId}:${request.sessionName}`,
      Arn: assumedRoleArn(account, role.name, request.sessionName),
    },
    PackedPolicySize: packedBytes > 0 ? packedPercent : undefined,
    SourceIdentity: request.sourceIdentity,
  };
}

/** Whatever is wrong with the role or its account, the caller learns no more than that it may not. */
function findRole(call: StsCall, request: AssumeRoleRequest): { account: SimAccount; role: SimRole } {
  const parsed = parseIamArn(request.roleArn);
  if (parsed?.type !== 'role') throw validationError(`${request.roleArn} is invalid`);
  if (call.principal.kind === 'root') throw accessDenied('Roles may not be assumed by root accounts.');
  if (parsed.partition !== call.principal.account.partition) throw notAllowed(call, request);
  const account = call.simulation.world.account(parsed.accountId);
  const role = account?.roles.get(parsed.name.toLowerCase());
  if (!account || !role || account.summary.state !== 'ACTIVE') throw notAllowed(call, request);
  if (account.partition !== parsed.partition || role.path !== parsed.path || role.name !== parsed.name) {
    throw notAllowed(call, request);
  }
  return { account, role };
}

const notAllowed = ({ principal }: StsCall, { roleArn }: AssumeRoleRequest): AwsError =>
  accessDenied(`User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`);

function sessionPolicies(
  { parameters }: StsCall,
  account: SimAccount,
  policy: string | undefined,
  tags: ReadonlyMap<string, string>,
): { documents: string[] | undefined; packedBytes: number } {
  const arns = parameters.structures('PolicyArns').map((entry) => entry.text('arn', { min: 20, max: 2_048 }));
  const managed = arns.map((arn) => {
    const document = managedDocument(account, arn);
    if (document === undefined) throw noSuchEntity(`Policy ${arn} does not exist.`);
    return document;
  });
  const given = [policy ?? '', ...arns, ...[...tags].flat()].join('');
  const packedBytes = given === '' ? 0 : deflateRawSync(given).length;
  const documents = policy === undefined ? managed : [policy, ...managed];
  return { documents: documents.length === 0 ? undefined : documents, packedBytes };
}

function openSession(
  { simulation, principal }: StsCall,
  account: SimAccount,
  role: SimRole,
  request: AssumeRoleRequest & { seconds: number; documents: string[] | undefined },
): Session {
  const now = Date.now();
  for (const [id, session] of simulation.sessions) {
    if (simulation.sessions.size < 1_000) break;
    if (session.expiresAt < now - 3_600_000) simulation.sessions.delete(id);
  }
  const inherited =
    principal.kind === 'role'
      ? [...principal.session.tags].filter(([key]) => principal.session.transitiveTagKeys.includes(key))
      : [];
  const session: Session = {
    accessKeyId: simulation.world.newUniqueId('ASIA', account.summary.accountId),
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(240).toString('base64'),
    accountId: account.summary.accountId,
    roleName: role.name,
    roleUniqueId: role.uniqueId,
    sessionName: request.sessionName,
    sourceIdentity: request.sourceIdentity,
    sessionPolicies: request.documents,
    tags: new Map([...request.tags, ...inherited]),
    transitiveTagKeys: [...request.transitiveTagKeys, ...inherited.map(([key]) => key)],
    issuedAt: simulation.world.time.elapsed(),
    expiresAt: now + request.seconds * 1_000,
  };
  simulation.sessions.set(session.accessKeyId, session);
  return session;
}
