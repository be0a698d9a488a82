import { IAMClient } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from './signing/sha256';
import { startSimulator } from './server';
import type { RunningSimulator, SimulatorOptions } from './server';

/** The simulator's specs call it as anybody would: with AWS's own SDK clients, one attempt each unless said. */
export interface CallerCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface SmallSimulator extends RunningSimulator {
  /** An ordinary member account, with five users and ten roles. */
  readonly memberId: string;
  readonly managementId: string;
}

/** Three accounts, no pacing. */
export async function startSmall(options: SimulatorOptions = {}): Promise<SmallSimulator> {
  const simulator = await startSimulator({
    seed: 7,
    accounts: 3,
    usersPerAccount: 5,
    rolesPerAccount: 10,
    pacing: 'unlimited',
    ...options,
  });
  const managementId = simulator.world.organization.managementAccountId;
  const memberId = [...simulator.world.organization.accounts.keys()].find((id) => id !== managementId) ?? '';
  return { ...simulator, managementId, memberId };
}

export interface CallerOptions {
  attachedPolicyArns?: string[];
  inlinePolicies?: Record<string, string>;
  boundaryArn?: string;
  name?: string;
}

let made = 0;

/** A user of the account with one key; without options an administrator. */
export function makeCaller(
  { control }: SmallSimulator,
  accountId: string,
  { name = `caller-${++made}`, ...options }: CallerOptions = {},
): CallerCredentials & { name: string } {
  const policies = options.attachedPolicyArns ?? (options.inlinePolicies ? [] : [aws('AdministratorAccess')]);
  const user = control.createUser(accountId, { name, keys: [{}], ...options, attachedPolicyArns: policies });
  const [key] = user.accessKeys;
  if (!key) throw new Error('The caller has no key.');
  return { name, accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
}

export const aws = (name: string): string => `arn:aws:iam::aws:policy/${name}`;

export const policy = (...statements: Record<string, unknown>[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** A trust policy that names one principal. */
export const trust = (AWS: string): string => policy({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' });

export const allow = (...actions: string[]): string => policy({ Effect: 'Allow', Action: actions, Resource: '*' });

const settings = ({ url }: SmallSimulator, credentials: CallerCredentials, maxAttempts: number) => ({
  endpoint: url,
  region: 'us-east-1',
  credentials,
  maxAttempts,
});

export const iamAs = (simulator: SmallSimulator, credentials: CallerCredentials, maxAttempts = 1): IAMClient =>
  new IAMClient(settings(simulator, credentials, maxAttempts));

export const stsAs = (simulator: SmallSimulator, credentials: CallerCredentials, maxAttempts = 1): STSClient =>
  new STSClient(settings(simulator, credentials, maxAttempts));

export const organizationsAs = (
  simulator: SmallSimulator,
  credentials: CallerCredentials,
  maxAttempts = 1,
): OrganizationsClient => new OrganizationsClient(settings(simulator, credentials, maxAttempts));

export async function assume(
  simulator: SmallSimulator,
  credentials: CallerCredentials,
  input: Omit<AssumeRoleCommandInput, 'RoleSessionName'> & { RoleSessionName?: string },
): Promise<CallerCredentials> {
  const answer = await stsAs(simulator, credentials).send(new AssumeRoleCommand({ RoleSessionName: 'spec', ...input }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

export interface RawAnswer {
  status: number;
  text: string;
  requestId: string | null;
}

export interface RawOptions {
  service?: string;
  version?: string;
  signedAt?: Date;
  /** Sent instead of what was signed. */
  tamperedBody?: string;
}

/** One Query-protocol request signed by hand, for what the SDK would never send. */
export async function queryCall(
  { url }: SmallSimulator,
  credentials: CallerCredentials,
  action: string,
  parameters: Record<string, string> = {},
  { service = 'iam', version = '2010-05-08', signedAt = new Date(), tamperedBody }: RawOptions = {},
): Promise<RawAnswer> {
  const body = new URLSearchParams({ Action: action, Version: version, ...parameters }).toString();
  const { host, hostname } = new URL(url);
  const signer = new SignatureV4({ credentials, region: 'us-east-1', service, sha256: Sha256 });
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
  const signed = await signer.sign(
    { method: 'POST', protocol: 'http:', hostname, path: '/', headers, body },
    { signingDate: signedAt },
  );
  const answer = await fetch(url, { method: 'POST', headers: signed.headers, body: tamperedBody ?? body });
  return { status: answer.status, text: await answer.text(), requestId: answer.headers.get('x-amzn-requestid') };
}

export const codeOf = ({ text }: RawAnswer): string | undefined => /<Code>(\w+)<\/Code>/.exec(text)?.[1];
