import { bodyOf, credentialOf, ofKind, status } from './credentials';
import type { IamOperation } from './iam-call';
import { shown, userOf } from './iam-call';
import { AwsError, limitExceeded } from '../../protocol/aws-error';
import type { SimCredential } from '../../world/model';

const MAX_CERTIFICATES = 2;
const WHICH = { kind: 'certificate', parameter: 'CertificateId', label: 'Certificate' } as const;
const PEM = /^\s*-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/;

/** Certificates are taken by their shape; what is inside is not read. */
export const signingCertificateOperations: Record<string, IamOperation> = {
  UploadSigningCertificate: (call) => {
    const user = userOf(call);
    const body = call.parameters.text('CertificateBody', { max: 16_384 });
    if (!PEM.test(body)) throw new AwsError('MalformedCertificate', 'Unable to parse certificate.');
    for (const other of call.account.users.values()) {
      if (ofKind(other, 'certificate').some((certificate) => bodyOf(certificate) === body))
        throw new AwsError('DuplicateCertificate', 'The certificate already exists.', 409);
    }
    if (ofKind(user, 'certificate').length >= MAX_CERTIFICATES)
      throw limitExceeded(`Cannot exceed quota for CertificatesPerUser: ${MAX_CERTIFICATES}`);
    const certificate: SimCredential = {
      id: call.simulation.world.newUniqueId('ASCA', call.account.summary.accountId),
      kind: 'certificate',
      service: null,
      active: true,
      createdAt: call.simulation.world.time.second(),
      body,
    };
    user.credentials.push(certificate);
    return {
      Certificate: {
        UserName: user.name,
        CertificateId: certificate.id,
        CertificateBody: body,
        Status: status(certificate),
        UploadDate: shown(call, certificate.createdAt),
      },
    };
  },

  UpdateSigningCertificate: (call) => {
    const certificate = credentialOf(call, userOf(call), WHICH);
    call.parameters.text('Status');
    certificate.active = call.parameters.oneOf('Status', ['Active', 'Inactive']) === 'Active';
    return undefined;
  },

  DeleteSigningCertificate: (call) => {
    const user = userOf(call);
    const certificate = credentialOf(call, user, WHICH);
    user.credentials = user.credentials.filter((candidate) => candidate !== certificate);
    return undefined;
  },
};
