import type { AccountAccess } from '../aws/account-access';
import { sendStep, shownRequest, step } from './requests';
import type { StepAction } from './steps';

test('nothing outside the list of steps can be sent', async () => {
  const access = { sendOnce: () => Promise.reject(new Error('sent')) } as unknown as AccountAccess;
  for (const action of ['iam:CreateAccessKey', 'iam:DeletePolicy', 'constructor', 'toString']) {
    const refused = sendStep(access, { action: action as StepAction, input: {} });
    await expect(refused).rejects.toMatchObject({ code: 'NOT_A_STEP' });
  }
});

test('documents are shown by their hash and bodies by their beginning; names and ids as they are', () => {
  expect(shownRequest(step('iam:PutUserPolicy', { UserName: 'a', PolicyName: 'p', PolicyDocument: '{}' }))).toEqual({
    UserName: 'a',
    PolicyName: 'p',
    PolicyDocument: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  });
  const body = `ssh-rsa ${'A'.repeat(500)}`;
  const shown = shownRequest(step('iam:UploadSSHPublicKey', { UserName: 'a', SSHPublicKeyBody: body }));
  expect(shown['SSHPublicKeyBody']).toMatch(/^ssh-rsa A{16}… sha256:[0-9a-f]{64}$/);
});
