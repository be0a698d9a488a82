import { awsPolicyArn, externalIdFor, parseAccountId, parseRoleArn, parseSessionName, rootArn } from './arns';

describe('parseRoleArn', () => {
  it('reads path and name in each partition', () => {
    expect(parseRoleArn('arn:aws-us-gov:iam::123456789012:role/team/a/Scan')).toMatchObject({
      partition: 'aws-us-gov',
      accountId: '123456789012',
      path: '/team/a/',
      name: 'Scan',
    });
    expect(parseRoleArn('arn:aws:iam::123456789012:role/Scan')).toMatchObject({ path: '/', name: 'Scan' });
  });

  it.each([
    ['nonsense', /is not an ARN/],
    ['arn:aws-mars:iam::123456789012:role/Scan', /partition "aws-mars"/],
    ['arn:aws:iam::123456789012:user/Scan', /not the ARN of an IAM role/],
    ['arn:aws:sts::123456789012:assumed-role/Scan/x', /not the ARN of an IAM role/],
    ['arn:aws:iam:us-east-1:123456789012:role/Scan', /not the ARN of an IAM role/],
    ['arn:aws:iam::123456789012:role/', /not the ARN of an IAM role/],
    ['arn:aws:iam::123456789012:role/a b', /not the ARN of an IAM role/],
    ['arn:aws:iam::12345:role/Scan', /"12345" is not an AWS account id/],
    ['', /is not an ARN/],
  ])('refuses %j and says which part is wrong', (text, message) => {
    expect(() => parseRoleArn(text)).toThrow(message);
  });

  it('refuses a role of another partition or account', () => {
    const arn = 'arn:aws:iam::123456789012:role/Scan';
    expect(() => parseRoleArn(arn, { partition: 'aws-cn' })).toThrow(/cannot be assumed across partitions/);
    expect(() => parseRoleArn(arn, { accountId: '999999999999' })).toThrow(/belongs to the account 123456789012/);
  });
});

it('account ids have 12 digits', () => {
  expect(parseAccountId('012345678901')).toBe('012345678901');
  for (const text of ['12345678901', '1234-5678-9012', '1234567890123', ' 123456789012', '']) {
    expect(() => parseAccountId(text)).toThrow(/12 digits/);
  }
});

it('external ids are the prefix and the account', () => {
  expect(externalIdFor('mb-7f3a', '123456789012')).toBe('mb-7f3a-123456789012');
  expect(() => externalIdFor('a b', '123456789012')).toThrow(/externalId/);
});

it('session names are checked before AWS does', () => {
  expect(parseSessionName('scan-01')).toBe('scan-01');
  for (const text of ['x', 'a b', 'y'.repeat(65)]) expect(() => parseSessionName(text)).toThrow(/2 to 64/);
});

it('ARNs carry the partition', () => {
  expect(awsPolicyArn('aws-cn', 'AWSDenyAll')).toBe('arn:aws-cn:iam::aws:policy/AWSDenyAll');
  expect(rootArn('aws-us-gov', '123456789012')).toBe('arn:aws-us-gov:iam::123456789012:root');
});
