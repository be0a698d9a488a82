import { accessKeyOperations } from './access-keys';
import { accountDetailOperations } from './account-details';
import { boundaryOperations } from './boundaries';
import { credentialReportOperations } from './credential-report';
import { credentialOperations } from './credentials';
import { groupOperations } from './groups';
import type { IamOperation } from './iam-call';
import { identityPolicyOperations } from './identity-policies';
import { instanceProfileOperations } from './instance-profiles';
import { loginProfileOperations } from './login-profiles';
import { managedPolicyOperations } from './managed-policies';
import { mfaDeviceOperations } from './mfa-devices';
import { policySimulationOperations } from './policy-simulation';
import { roleUpdateOperations } from './role-updates';
import { roleOperations } from './roles';
import { serviceCredentialOperations } from './service-credentials';
import { serviceLastAccessedOperations } from './service-last-accessed';
import { signingCertificateOperations } from './signing-certificates';
import { sshPublicKeyOperations } from './ssh-public-keys';
import { tagOperations } from './tags';
import { userOperations } from './users';

/** Every IAM action that the simulator answers, by name. */
export const iamOperations: ReadonlyMap<string, IamOperation> = new Map(
  Object.entries({
    ...accountDetailOperations,
    ...credentialReportOperations,
    ...userOperations,
    ...roleOperations,
    ...accessKeyOperations,
    ...loginProfileOperations,
    ...credentialOperations,
    ...identityPolicyOperations,
    ...boundaryOperations,
    ...tagOperations,
    ...sshPublicKeyOperations,
    ...signingCertificateOperations,
    ...serviceCredentialOperations,
    ...mfaDeviceOperations,
    ...groupOperations,
    ...managedPolicyOperations,
    ...instanceProfileOperations,
    ...roleUpdateOperations,
    ...serviceLastAccessedOperations,
    ...policySimulationOperations,
  }),
);
