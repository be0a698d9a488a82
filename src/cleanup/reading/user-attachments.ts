import {
  GetUserPolicyCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsForUserCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam';
import { sideBySide } from '../../scans/collectors/side-by-side';
import { decodedDocument, given, type Reader, sortedTexts } from './reader';

const AT_ONCE = 4;

/** ARNs of the managed policies attached to the user itself. */
export async function userPolicies(reader: Reader, UserName: string): Promise<string[]> {
  const found = await reader.list(
    (marker) => reader.send(new ListAttachedUserPoliciesCommand({ UserName, ...marker })),
    (page) => page.AttachedPolicies,
  );
  return sortedTexts(found.map(({ PolicyArn }) => given(PolicyArn, 'iam:ListAttachedUserPolicies')));
}

/** Name → document, decoded. */
export async function userInlinePolicies(reader: Reader, UserName: string): Promise<Record<string, string>> {
  const names = await reader.list(
    (marker) => reader.send(new ListUserPoliciesCommand({ UserName, ...marker })),
    (page) => page.PolicyNames,
  );
  const documents = await sideBySide(sortedTexts(names), AT_ONCE, async (PolicyName) => {
    const { PolicyDocument } = await reader.send(new GetUserPolicyCommand({ UserName, PolicyName }));
    return [PolicyName, decodedDocument(PolicyDocument, 'iam:GetUserPolicy')] as const;
  });
  return Object.fromEntries(documents);
}

/** Names of its groups. */
export async function groupsOf(reader: Reader, UserName: string): Promise<string[]> {
  const found = await reader.list(
    (marker) => reader.send(new ListGroupsForUserCommand({ UserName, ...marker })),
    (page) => page.Groups,
  );
  return sortedTexts(found.map(({ GroupName }) => given(GroupName, 'iam:ListGroupsForUser')));
}
