import { execFileSync } from 'node:child_process';
import { deleteRole, deleteUser, putKeyAway, quoted, removePassword, rotateKey } from './remediation';
import { aKey, aPassword, aRole, aUser, credentials, keySubject } from './test-subjects';

test.each(['alice', "o'brien", "a'; rm -rf /; '", '$(id) `id` "x" \\ \n é'])('a shell takes %j literally', (text) => {
  expect(execFileSync('sh', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' })).toBe(text);
});

test('a key is put away by its own id, and its sibling is never named', () => {
  const sibling = aKey({ slot: 2, accessKeyId: 'AKIASIBLING' });
  for (const steps of [putKeyAway(keySubject({}, { sibling })), rotateKey(keySubject({}, { sibling }))]) {
    expect(steps.cli).toContain(
      "aws iam update-access-key --user-name 'alice' --access-key-id 'AKIAIOSFODNN7EXAMPLE' --status Inactive",
    );
    expect(steps.cli.at(-1)).toBe(
      "aws iam delete-access-key --user-name 'alice' --access-key-id 'AKIAIOSFODNN7EXAMPLE'",
    );
    expect(JSON.stringify(steps)).not.toContain('AKIASIBLING');
  }
});

test('a key without a known id is found by its creation date, not by its place in a list', () => {
  const { cli } = putKeyAway(keySubject({ accessKeyId: null, createdAt: new Date('2025-01-02T03:04:05Z') }));
  expect(cli[0]).toContain('created on 2025-01-02');
  expect(cli[1]).toBe("aws iam list-access-keys --user-name 'alice'");
});

test('an inactive key is not deactivated again', () => {
  expect(putKeyAway(keySubject({ active: false })).cli.join()).not.toContain('update-access-key');
});

test('a rotation makes the new key first, where there is room for one', () => {
  expect(rotateKey(keySubject()).cli[0]).toBe("aws iam create-access-key --user-name 'alice'");
  expect(rotateKey(keySubject({}, { sibling: aKey() })).cli.join()).not.toContain('create-access-key');
});

test('a password goes by its user’s name', () => {
  expect(removePassword("o'brien").cli).toEqual([`aws iam delete-login-profile --user-name 'o'\\''brien'`]);
});

test('a user is denied everything first, and deleted last, after all that hangs on it', () => {
  const { cli } = deleteUser(
    aUser({
      arn: 'arn:aws-us-gov:iam::111122223333:user/alice',
      credentials: credentials({ password: aPassword(), accessKeys: [aKey()] }),
      attachedPolicyArns: ['arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess'],
      inlinePolicyNames: ['extra'],
      groups: ['devs'],
    }),
  );
  const commands = cli.filter((line) => !line.startsWith('#'));
  expect(commands[0]).toBe(
    "aws iam put-user-permissions-boundary --user-name 'alice' --permissions-boundary 'arn:aws-us-gov:iam::aws:policy/AWSDenyAll'",
  );
  expect(commands.map((line) => line.split(' ')[2])).toEqual([
    'put-user-permissions-boundary',
    'delete-login-profile',
    'delete-access-key',
    'list-signing-certificates',
    'list-ssh-public-keys',
    'list-service-specific-credentials',
    'list-mfa-devices',
    'detach-user-policy',
    'remove-user-from-group',
    'delete-user-policy',
    'delete-user',
  ]);
});

test('a role leaves its instance profiles and policies before it goes, with a warning about instances', () => {
  const { cli, console } = deleteRole(
    aRole({
      instanceProfileArns: ['arn:aws:iam::111122223333:instance-profile/web/front'],
      attachedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
      inlinePolicyNames: ['extra'],
    }),
  );
  expect(console.join()).toContain('instance profile front');
  expect(cli.filter((line) => !line.startsWith('#')).slice(1)).toEqual([
    "aws iam remove-role-from-instance-profile --role-name 'reporting' --instance-profile-name 'front'",
    "aws iam detach-role-policy --role-name 'reporting' --policy-arn 'arn:aws:iam::aws:policy/ReadOnlyAccess'",
    "aws iam delete-role-policy --role-name 'reporting' --policy-name 'extra'",
    "aws iam delete-role --role-name 'reporting'",
  ]);
});
