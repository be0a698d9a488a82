import type { IamCall } from './iam-call';
import type { IamTarget } from './iam-resources';
import type { SimPrincipal } from '../../world/model';

/** What one write changed, for the log: unique ids, so that a namesake made later is not taken for it. */
export interface Touched {
  /** `AIDA…`, `AROA…`: the users and roles that it was about, made or deleted ones included. */
  identityIds: string[];
  /** Access keys and other credentials, MFA devices by serial number; groups, policies and profiles by ARN. */
  objectIds: string[];
}

const NAMED_PARTS = ['AccessKeyId', 'SSHPublicKeyId', 'CertificateId', 'ServiceSpecificCredentialId', 'SerialNumber'];

/** Looks before the write; the answer looks again after it. `targetOf` says what the request is about. */
export function watch(call: IamCall, targetOf: () => IamTarget): () => Touched {
  const before = look(call, targetOf());
  return () => {
    const after = look(call, targetOf());
    const named = NAMED_PARTS.flatMap((parameter) => call.parameters.optional(parameter) ?? []);
    return {
      identityIds: [...new Set([...before.identities, ...after.identities].map(({ uniqueId }) => uniqueId))],
      objectIds: [
        ...new Set([
          ...named,
          ...before.parts.filter((id) => !after.parts.includes(id)),
          ...after.parts.filter((id) => !before.parts.includes(id)),
          ...(before.other === undefined ? [] : [before.other]),
        ]),
      ],
    };
  };
}

interface Look {
  identities: SimPrincipal[];
  parts: string[];
  other: string | undefined;
}

function look({ account, parameters }: IamCall, { identity, resource }: IamTarget): Look {
  const named = (map: ReadonlyMap<string, SimPrincipal>, parameter: string): SimPrincipal[] => {
    const found = map.get((parameters.optional(parameter) ?? '').toLowerCase());
    return found === undefined ? [] : [found];
  };
  const identities = [
    ...(identity === undefined ? [] : [identity]),
    ...named(account.users, 'UserName'),
    ...named(account.roles, 'RoleName'),
  ];
  const user = account.users.get((identities[0]?.name ?? '').toLowerCase());
  return {
    identities,
    parts:
      user === undefined || user !== identities[0]
        ? []
        : [
            ...user.accessKeys.map(({ accessKeyId }) => accessKeyId),
            ...user.credentials.map(({ id }) => id),
            ...user.mfaDevices,
          ],
    other: /:(user|role)\//.test(resource) ? undefined : resource,
  };
}
