import { DomainError } from '../errors';
import { isThrottling, translateAwsError } from './errors';

const awsError = (name: string, message = 'message', status = 400): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
const nodeError = (code: string): Error => Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code });

describe('translateAwsError', () => {
  it.each([
    [awsError('AccessDenied'), 'AWS_ACCESS_DENIED', false],
    [awsError('AccessDeniedException'), 'AWS_ACCESS_DENIED', false],
    [awsError('Throttling'), 'AWS_THROTTLED', true],
    [awsError('TooManyRequestsException'), 'AWS_THROTTLED', true],
    [awsError('Whatever', 'slow', 429), 'AWS_THROTTLED', true],
    [awsError('ServiceUnavailable', 'later', 503), 'AWS_FAILED', true],
    [awsError('ExpiredToken'), 'AWS_EXPIRED_TOKEN', false],
    [awsError('InvalidClientTokenId', 'no', 403), 'AWS_BAD_CREDENTIALS', false],
    [awsError('SignatureDoesNotMatch', 'no', 403), 'AWS_BAD_CREDENTIALS', false],
    [awsError('OptInRequired'), 'AWS_OPT_IN_REQUIRED', false],
    [awsError('AuthFailure', 'Account 123456789012 is suspended', 403), 'AWS_ACCOUNT_SUSPENDED', false],
    [awsError('AWSOrganizationsNotInUseException'), 'AWS_NO_ORGANIZATION', false],
    [awsError('NoSuchEntityException', 'no', 404), 'AWS_NOT_FOUND', false],
    [awsError('ValidationError'), 'AWS_INVALID_REQUEST', false],
    [awsError('InvalidAction'), 'AWS_UNSUPPORTED', false],
    [awsError('CredentialsProviderError', 'Could not load credentials'), 'AWS_NO_CREDENTIALS', false],
    [nodeError('ECONNREFUSED'), 'AWS_UNREACHABLE', true],
    [new AggregateError([nodeError('ECONNREFUSED')], ''), 'AWS_UNREACHABLE', true],
    [awsError('TimeoutError', 'socket hang up'), 'AWS_UNREACHABLE', true],
    [Object.assign(new Error('stopped'), { name: 'AbortError' }), 'CANCELLED', true],
    [awsError('BrandNewException'), 'AWS_ERROR', false],
    ['a string', 'AWS_ERROR', false],
  ])('knows %s', (error, code, retryable) => {
    const translated = translateAwsError(error);
    expect(translated).toMatchObject({ code, retryable });
    expect(translated.remedy).toMatch(/\.$/);
  });

  it('names the permission and the role that lacks it', () => {
    const message =
      'User: arn:aws:sts::123456789012:assumed-role/Scan/x is not authorized to perform: iam:ListUsers on resource: ' +
      'arn:aws:iam::123456789012:user/ because no identity-based policy allows the iam:ListUsers action';
    const roleArn = 'arn:aws:iam::123456789012:role/Scan';
    const { remedy } = translateAwsError(awsError('AccessDenied', message), { roleArn });
    expect(remedy).toBe(`Allow iam:ListUsers in a policy of the role ${roleArn}.`);
  });

  it.each([
    ['with an explicit deny in a service control policy', /service control policy .* denies iam:ListUsers/],
    ['because no permissions boundary allows the iam:ListUsers action', /in the permissions boundary/],
    ['with an explicit deny in an identity-based policy', /Remove the statement that denies iam:ListUsers/],
  ])('says which policy stands in the way: %s', (why, remedy) => {
    const message = `User: x is not authorized to perform: iam:ListUsers on resource: y ${why}`;
    expect(translateAwsError(awsError('AccessDenied', message)).remedy).toMatch(remedy);
  });

  it('does not repeat what AWS says about a signature, which may quote a session token', () => {
    const { message, remedy } = translateAwsError(
      awsError('SignatureDoesNotMatch', 'The canonical string: x-amz-security-token:SECRET', 403),
    );
    expect(`${message} ${remedy ?? ''}`).not.toMatch(/SECRET/);
  });

  it('lets an expired session of a role be tried again', () => {
    expect(
      translateAwsError(awsError('ExpiredToken'), { roleArn: 'arn:aws:iam::123456789012:role/Scan' }).retryable,
    ).toBe(true);
  });

  it('gives a DomainError back as it is', () => {
    const error = new DomainError('X', 'x');
    expect(translateAwsError(error)).toBe(error);
  });
});

it('a quota is not a rate: IAM says LimitExceeded when an account has too many of something', () => {
  expect(isThrottling(awsError('LimitExceededException', 'quota', 409))).toBe(false);
  expect(isThrottling(awsError('Throttling'))).toBe(true);
});
