import { accessKeyOperations } from './access-keys';
import { accountDetailOperations } from './account-details';
import { boundaryOperations } from './boundaries';
import { credentialReportOperations } from './credential-report';
import { credentialOperations } from './credentials';
import type { IamOperation } from './iam-call';
import { identityPolicyOperations } from './identity-policies';
import { loginProfileOperations } from './login-profiles';
import { policySimulationOperations } from './policy-simulation';
import { roleOperations } from './roles';
import { serviceLastAccessedOperations } from './service-last-accessed';
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
    ...serviceLastAccessedOperations,
    ...policySimulationOperations,
  }),
);
