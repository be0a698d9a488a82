import { registerEnumType } from '@nestjs/graphql';

export const PrincipalRole = { ADMIN: 'admin', APPROVER: 'approver', VIEWER: 'viewer', AUDITOR: 'auditor' } as const;

registerEnumType(PrincipalRole, {
  name: 'PrincipalRole',
  description: 'What a person, or the holder of a token, may do.',
  valuesMap: {
    ADMIN: { description: 'Everything in the tenant; of the platform, everything.' },
    APPROVER: { description: 'Reads, has things looked at, exempts, and agrees to what somebody else has proposed.' },
    VIEWER: { description: 'Reads.' },
    AUDITOR: { description: 'Reads, the audit log included; for a while only.' },
  },
});
