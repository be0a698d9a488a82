import type { GrantTarget } from '../../../aws/grants';
import type { Step } from '../../steps';
import type { SessionNeeds } from './session-policy';

/** What AWS authorizes by itself, and not by the user or role that it belongs to. */
export type HangingTarget = Extract<GrantTarget, 'groups' | 'instance-profiles' | 'mfa-devices'>;

/** A group, instance profile or device of an item. Where all of them are too much for one session, others name some. */
export interface Hanging {
  readonly on: HangingTarget;
  /** As the request that is about it names it. */
  readonly id: string;
  readonly resources: readonly string[];
}

/** Which of them a step is authorized by; null: by the item itself. */
export function hangingOf({ action, input }: Pick<Step, 'action' | 'input'>): Pick<Hanging, 'on' | 'id'> | null {
  switch (action) {
    case 'iam:AddUserToGroup':
    case 'iam:RemoveUserFromGroup':
      return { on: 'groups', id: String(input['GroupName']) };
    case 'iam:AddRoleToInstanceProfile':
    case 'iam:RemoveRoleFromInstanceProfile':
      return { on: 'instance-profiles', id: String(input['InstanceProfileName']) };
    case 'iam:DeleteVirtualMFADevice':
      return { on: 'mfa-devices', id: String(input['SerialNumber']) };
    default:
      return null;
  }
}

export const withoutHanging = (needs: SessionNeeds): SessionNeeds => ({ ...needs, hanging: [] });

/** No more than these, and the leave to hand the role on, which putting it into an instance profile asks for. */
export const onlyHanging = (needs: SessionNeeds, some: readonly Hanging[]): SessionNeeds => ({
  ...needs,
  grants: needs.grants.filter(({ on, when }) => some.some((one) => one.on === on) || when === 'passed-to-ec2'),
  hanging: some,
});
