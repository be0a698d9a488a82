import {
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { sideBySide } from '../../scans/collectors/side-by-side';
import type { ObservedRole, ObservedUse } from '../observed';
import { principalFacts } from './principal-facts';
import { decodedDocument, given, type Reader, sortedTexts, unlessMissing } from './reader';
import { useAt } from './use';

const AT_ONCE = 4;
/** AWS's own, where a role was made without saying. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const DEFAULT_MAX_SESSION_SECONDS = 3600;

/** Null: there is no role of that name. Errors are the SDK's. */
export async function observeRole(reader: Reader, RoleName: string): Promise<ObservedRole | null> {
  const answer = await unlessMissing(reader.send(new GetRoleCommand({ RoleName })));
  if (answer === null) return null;
  const Role = given(answer.Role, 'iam:GetRole');
  const [attachedPolicyArns, inlinePolicies, instanceProfileArns] = await Promise.all([
    attached(reader, RoleName),
    inline(reader, RoleName),
    profiles(reader, RoleName),
  ]);
  return {
    ...principalFacts(Role, { name: Role.RoleName, uniqueId: Role.RoleId }, 'iam:GetRole'),
    kind: 'role',
    scope: 'whole',
    lastUse: roleUse(Role.RoleLastUsed),
    trustPolicy: decodedDocument(Role.AssumeRolePolicyDocument, 'iam:GetRole'),
    description: Role.Description ?? null,
    maxSessionSeconds: Role.MaxSessionDuration ?? DEFAULT_MAX_SESSION_SECONDS,
    attachedPolicyArns,
    inlinePolicies,
    instanceProfileArns,
  };
}

/** AWS always sends the element for a role, empty when its window of 400 days saw no use. */
const roleUse = (used: { readonly LastUsedDate?: Date | undefined } | undefined): ObservedUse =>
  used === undefined
    ? { known: false, reason: 'iam:GetRole answered without RoleLastUsed.' }
    : useAt(used.LastUsedDate, 'RoleLastUsed');

async function attached(reader: Reader, RoleName: string): Promise<string[]> {
  const found = await reader.list(
    (marker) => reader.send(new ListAttachedRolePoliciesCommand({ RoleName, ...marker })),
    (page) => page.AttachedPolicies,
  );
  return sortedTexts(found.map(({ PolicyArn }) => given(PolicyArn, 'iam:ListAttachedRolePolicies')));
}

async function inline(reader: Reader, RoleName: string): Promise<Record<string, string>> {
  const names = await reader.list(
    (marker) => reader.send(new ListRolePoliciesCommand({ RoleName, ...marker })),
    (page) => page.PolicyNames,
  );
  const documents = await sideBySide(sortedTexts(names), AT_ONCE, async (PolicyName) => {
    const { PolicyDocument } = await reader.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    return [PolicyName, decodedDocument(PolicyDocument, 'iam:GetRolePolicy')] as const;
  });
  return Object.fromEntries(documents);
}

async function profiles(reader: Reader, RoleName: string): Promise<string[]> {
  const found = await reader.list(
    (marker) => reader.send(new ListInstanceProfilesForRoleCommand({ RoleName, ...marker })),
    (page) => page.InstanceProfiles,
  );
  return sortedTexts(found.map(({ Arn }) => given(Arn, 'iam:ListInstanceProfilesForRole')));
}
