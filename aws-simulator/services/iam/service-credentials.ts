import { credentialOf, ofKind, serviceCredential } from './credentials';
import type { IamOperation } from './iam-call';
import { namedUserOf, userOf } from './iam-call';
import { AwsError, limitExceeded } from '../../protocol/aws-error';
import type { SimCredential } from '../../world/model';
import { DAY_MS } from '../../world/time-line';

/** For each user and service. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html */
const MAX_FOR_SERVICE = 2;
const SERVICES = new Set(['codecommit.amazonaws.com', 'cassandra.amazonaws.com', 'bedrock.amazonaws.com']);
const WHICH = {
  kind: 'service-specific',
  parameter: 'ServiceSpecificCredentialId',
  label: 'service specific credential',
} as const;

export const serviceCredentialOperations: Record<string, IamOperation> = {
  CreateServiceSpecificCredential: (call) => {
    const user = namedUserOf(call);
    const service = call.parameters.text('ServiceName');
    const days = call.parameters.integer('CredentialAgeDays', 1, 36_600);
    if (!SERVICES.has(service))
      throw new AwsError(
        'NotSupportedService',
        `No such service ${service} is supported for Service Specific Credentials`,
        404,
      );
    const { length } = ofKind(user, 'service-specific').filter((credential) => credential.service === service);
    if (length >= MAX_FOR_SERVICE)
      throw limitExceeded(`Cannot exceed quota for ServiceSpecificCredentialsPerUser: ${MAX_FOR_SERVICE}`);
    const { world } = call.simulation;
    const createdAt = world.time.second();
    const credential: SimCredential = {
      id: world.newUniqueId('ACCA', call.account.summary.accountId),
      kind: 'service-specific',
      service,
      active: true,
      createdAt,
      ...(days === undefined ? {} : { expiresAt: createdAt + days * DAY_MS }),
    };
    user.credentials.push(credential);
    return {
      ServiceSpecificCredential: { ...serviceCredential(call, user, credential), ServicePassword: world.newSecret() },
    };
  },

  UpdateServiceSpecificCredential: (call) => {
    const credential = credentialOf(call, userOf(call), WHICH);
    call.parameters.text('Status');
    credential.active = call.parameters.oneOf('Status', ['Active', 'Inactive']) === 'Active';
    return undefined;
  },

  /** A new password under the same id. */
  ResetServiceSpecificCredential: (call) => {
    const user = userOf(call);
    const credential = credentialOf(call, user, WHICH);
    return {
      ServiceSpecificCredential: {
        ...serviceCredential(call, user, credential),
        ServicePassword: call.simulation.world.newSecret(),
      },
    };
  },

  DeleteServiceSpecificCredential: (call) => {
    const user = userOf(call);
    const credential = credentialOf(call, user, WHICH);
    user.credentials = user.credentials.filter((candidate) => candidate !== credential);
    return undefined;
  },
};
