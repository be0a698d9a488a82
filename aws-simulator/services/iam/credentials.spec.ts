import {
  CreateLoginProfileCommand,
  CreateServiceSpecificCredentialCommand,
  DeleteLoginProfileCommand,
  DeleteSSHPublicKeyCommand,
  GetLoginProfileCommand,
  GetSSHPublicKeyCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ResetServiceSpecificCredentialCommand,
  UpdateLoginProfileCommand,
  UpdateSSHPublicKeyCommand,
  UpdateServiceSpecificCredentialCommand,
  UpdateSigningCertificateCommand,
  UploadSSHPublicKeyCommand,
  UploadSigningCertificateCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { iamAs, makeCaller, startSmall } from '../../callers';
import type { SmallSimulator } from '../../callers';

const certificate = (text: string): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(text).toString('base64')}\n-----END CERTIFICATE-----`;

describe('credentials of a user', () => {
  let simulator: SmallSimulator;
  let iam: IAMClient;
  let UserName: string;
  let made = 0;

  beforeAll(async () => {
    simulator = await startSmall();
    iam = iamAs(simulator, makeCaller(simulator, simulator.memberId));
  });
  beforeEach(() => {
    UserName = simulator.control.createUser(simulator.memberId, { name: `holder-${++made}` }).name;
  });
  afterAll(() => simulator.close());

  test('signing certificates: two at most, none twice, and what was uploaded comes back', async () => {
    const upload = (CertificateBody: string) =>
      iam.send(new UploadSigningCertificateCommand({ UserName, CertificateBody }));
    await expect(upload('no certificate')).rejects.toMatchObject({ name: 'MalformedCertificateException' });
    const { Certificate } = await upload(certificate('first'));
    await expect(upload(certificate('first'))).rejects.toMatchObject({ name: 'DuplicateCertificateException' });
    await upload(certificate('second'));
    await expect(upload(certificate('third'))).rejects.toMatchObject({ name: 'LimitExceededException' });
    const CertificateId = Certificate?.CertificateId;
    await iam.send(new UpdateSigningCertificateCommand({ UserName, CertificateId, Status: 'Inactive' }));
    const { Certificates = [] } = await iam.send(new ListSigningCertificatesCommand({ UserName }));
    expect(Certificates.find((one) => one.CertificateId === CertificateId)).toMatchObject({
      CertificateBody: certificate('first'),
      Status: 'Inactive',
    });
  });

  test('SSH keys: read back as they were, switched, none twice, only by their owner', async () => {
    const SSHPublicKeyBody = 'ssh-ed25519 AAAAC3Nz holder';
    const upload = () => iam.send(new UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody }));
    const SSHPublicKeyId = (await upload()).SSHPublicKey?.SSHPublicKeyId;
    await expect(upload()).rejects.toMatchObject({ name: 'DuplicateSSHPublicKeyException' });
    await iam.send(new UpdateSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Status: 'Inactive' }));
    const get = (Encoding: 'SSH' | 'PEM') =>
      iam.send(new GetSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Encoding }));
    expect((await get('SSH')).SSHPublicKey).toMatchObject({ SSHPublicKeyBody, Status: 'Inactive' });
    const other = simulator.control.createUser(simulator.memberId, { name: `other-${made}` }).name;
    const remove = (name: string) => iam.send(new DeleteSSHPublicKeyCommand({ UserName: name, SSHPublicKeyId }));
    await expect(remove(other)).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await remove(UserName);
    await expect(get('SSH')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });

  test('service-specific credentials: two for a service, a new password under the same id, listed for all users', async () => {
    const create = (ServiceName: string) =>
      iam.send(new CreateServiceSpecificCredentialCommand({ UserName, ServiceName }));
    await expect(create('s3.amazonaws.com')).rejects.toMatchObject({
      name: 'ServiceNotSupportedException',
      $metadata: { httpStatusCode: 404 },
    });
    const { ServiceSpecificCredential: first } = await create('codecommit.amazonaws.com');
    await create('codecommit.amazonaws.com');
    await expect(create('codecommit.amazonaws.com')).rejects.toMatchObject({ name: 'LimitExceededException' });
    await expect(create('cassandra.amazonaws.com')).resolves.toBeDefined();
    const which = { UserName, ServiceSpecificCredentialId: first?.ServiceSpecificCredentialId };
    const { ServiceSpecificCredential: reset } = await iam.send(new ResetServiceSpecificCredentialCommand(which));
    expect(reset?.ServiceSpecificCredentialId).toBe(first?.ServiceSpecificCredentialId);
    expect(reset?.ServicePassword).not.toBe(first?.ServicePassword);
    await iam.send(new UpdateServiceSpecificCredentialCommand({ ...which, Status: 'Inactive' }));
    const listed = (await iam.send(new ListServiceSpecificCredentialsCommand({ AllUsers: true })))
      .ServiceSpecificCredentials;
    expect(listed?.filter((one) => one.UserName === UserName)).toHaveLength(3);
    expect(listed?.find((one) => one.ServiceSpecificCredentialId === which.ServiceSpecificCredentialId)?.Status).toBe(
      'Inactive',
    );
  });

  test('a password follows AWS’s default policy, and asks for another one at sign-in where told to', async () => {
    const create = (Password: string) => iam.send(new CreateLoginProfileCommand({ UserName, Password }));
    await expect(create('short1A')).rejects.toMatchObject({ name: 'PasswordPolicyViolationException' });
    await expect(create('onlysmallletters')).rejects.toMatchObject({ name: 'PasswordPolicyViolationException' });
    await create('Correct-horse-1');
    const get = () => iam.send(new GetLoginProfileCommand({ UserName }));
    expect((await get()).LoginProfile?.PasswordResetRequired).toBe(false);
    await iam.send(new UpdateLoginProfileCommand({ UserName, PasswordResetRequired: true }));
    expect((await get()).LoginProfile?.PasswordResetRequired).toBe(true);
    await iam.send(new DeleteLoginProfileCommand({ UserName }));
    await expect(iam.send(new DeleteLoginProfileCommand({ UserName }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });
});
