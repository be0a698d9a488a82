import { registerEnumType } from '@nestjs/graphql';

export const TokenRole = { ADMIN: 'admin', APPROVER: 'approver', VIEWER: 'viewer', AUDITOR: 'auditor' } as const;

registerEnumType(TokenRole, {
  name: 'TokenRole',
  description: 'What a person, or the holder of a token, may do.',
  valuesMap: {
    ADMIN: { description: 'Everything in the tenant; of the platform, everything.' },
    APPROVER: { description: 'Reads, and approves clean-up that somebody else proposed.' },
    VIEWER: { description: 'Reads.' },
    AUDITOR: { description: 'Reads, the audit log included; for a while only.' },
  },
});
