import type { AccountAccess } from '../../aws/account-access';
import { isDenied } from '../../aws/errors';
import { actionsOf, type Grant } from '../../aws/grants';
import { optionalScanNeeds, roleNeeds, SIMULATE } from '../needs';
import type { AccountRoleKind, PermissionFinding } from './findings';
import { reasonOf } from './reasons';
import { requestContext, samplesOf, type Verified } from './samples';
import { type Answer, simulate } from './simulation';
import { tryRead } from './trials';

interface Asked {
  readonly action: string;
  /** Undefined: the scan role may not simulate this role. */
  readonly answer: Answer | undefined;
}

/**
 * Whether a role may do each thing it needs. One simulation for each kind of resource; what a scan role is not allowed
 * by it is then tried, since what AWS does counts for more: a policy may be narrower than the question.
 * @param access by the scan role, which asks for all roles
 */
export async function neededPermissions(
  access: AccountAccess,
  verified: Verified,
  kind: AccountRoleKind,
): Promise<PermissionFinding[]> {
  const roleArn = verified.roleArns[kind];
  if (roleArn === undefined) return [];
  const findings: PermissionFinding[] = [];
  for (const grant of roleNeeds[kind]) {
    if (grant.actions.includes(SIMULATE)) continue;
    // What is authorized on nothing in particular is asked about at once.
    const options = kind === 'scan' && grant.on === 'any' ? actionsOf(optionalScanNeeds) : [];
    const asked = await ask(access, verified, roleArn, { ...grant, actions: [...grant.actions, ...options] });
    findings.push(
      ...(await Promise.all(
        asked.map((one) =>
          options.includes(one.action)
            ? Promise.resolve(optional(roleArn, one))
            : judge(access, { kind, roleArn, grant }, one),
        ),
      )),
    );
  }
  if (kind === 'scan') findings.push(await simulating(access, verified));
  return onceEach(findings).sort((one, other) => (one.action < other.action ? -1 : 1));
}

/** An action that is needed on two kinds of things is as good as its worse half. */
function onceEach(findings: readonly PermissionFinding[]): PermissionFinding[] {
  const byAction = new Map<string, PermissionFinding>();
  for (const finding of findings) {
    const known = byAction.get(finding.action);
    if (!known || BADNESS[finding.state] > BADNESS[known.state]) byAction.set(finding.action, finding);
  }
  return [...byAction.values()];
}

const BADNESS = { present: 0, 'not-granted': 1, 'not-known': 2, missing: 3 } as const;

async function ask(access: AccountAccess, verified: Verified, roleArn: string, grant: Grant): Promise<Asked[]> {
  const { actions, on } = grant;
  try {
    const answers = await simulate(access, {
      roleArn,
      actions,
      resources: samplesOf(verified, on),
      context: requestContext(verified),
    });
    return actions.map((action) => ({ action, answer: answers.find((answer) => answer.action === action) }));
  } catch (error) {
    if (!isDenied(error)) throw access.explain(error, SIMULATE);
    return actions.map((action) => ({ action, answer: undefined }));
  }
}

interface Needed {
  readonly kind: AccountRoleKind;
  readonly roleArn: string;
  readonly grant: Grant;
}

async function judge(access: AccountAccess, needed: Needed, { action, answer }: Asked): Promise<PermissionFinding> {
  if (answer?.allowed) return present(action);
  const tried = needed.kind === 'scan' ? await tryRead(access, action) : { state: 'not-known' as const };
  if (tried.state === 'allowed') return present(action);
  if (tried.state === 'not-known' && (answer === undefined || answer.uncertain))
    return notKnown(access, needed, action, answer);
  const why = (tried.state === 'denied' ? tried.why : answer?.why) ?? reasonOf('own', false);
  return {
    action,
    state: 'missing',
    why: `${needed.roleArn} may not ${action}: ${why}.`,
    remedy: remedyOf(needed, action, why),
  };
}

/** The scan role must be able to ask about each of Mothball's roles: itself first. */
async function simulating(access: AccountAccess, { roleArns }: Verified): Promise<PermissionFinding> {
  const scan = roleArns.scan ?? access.roleArn ?? '';
  for (const roleArn of Object.values(roleArns)) {
    try {
      await simulate(access, { roleArn, actions: [SIMULATE], resources: [roleArn], context: {} });
    } catch (error) {
      if (!isDenied(error)) throw access.explain(error, SIMULATE);
      return {
        action: SIMULATE,
        state: 'missing',
        why: `${scan} may not ask IAM what ${roleArn} is allowed, so that cannot be looked at without trying it.`,
        remedy: `Allow ${SIMULATE} on ${roleArn} in a policy of ${scan}, or update the stack that made it with the present template.`,
      };
    }
  }
  return present(SIMULATE);
}

/** Without it less is known, and nothing fails. */
const optional = (roleArn: string, { action, answer }: Asked): PermissionFinding =>
  answer?.allowed
    ? present(action)
    : {
        action,
        state: 'not-granted',
        why: `${roleArn} may not ${action}, which is an option: ${answer?.why ?? 'it could not be asked about'}.`,
        remedy: 'Nothing, or update the stack that made the role with ReadCloudTrail=yes (Terraform: read_cloudtrail).',
      };

const present = (action: string): PermissionFinding => ({ action, state: 'present', why: null, remedy: null });

function notKnown(
  access: AccountAccess,
  { roleArn, kind }: Needed,
  action: string,
  answer: Answer | undefined,
): PermissionFinding {
  const asker = access.roleArn ?? 'the scan role';
  return {
    action,
    state: 'not-known',
    why: answer
      ? `Whether ${roleArn} may ${action} depends on conditions of its policies that only a real request meets.`
      : `${asker} may not ask IAM what ${roleArn} is allowed, and ${kind === 'scan' ? 'this' : 'a change'} cannot be tried without doing it.`,
    remedy: answer
      ? `Compare the policies of ${roleArn} with the template.`
      : `Allow ${SIMULATE} on ${roleArn} in a policy of ${asker}, and verify again.`,
  };
}

function remedyOf({ roleArn, grant: { on, when } }: Needed, action: string, why: string): string {
  if (why.startsWith('a control policy')) {
    return `Except ${roleArn} from the control policy of the organization that keeps ${action} from it.`;
  }
  if (why.startsWith('the permissions boundary')) return `Allow ${action} in the permissions boundary of ${roleArn}.`;
  if (why.startsWith('a statement')) return `Take ${action} out of the statement that denies it to ${roleArn}.`;
  const where = on === 'any' ? 'on all resources' : `on all ${on.replace('-', ' ')} of the account`;
  const condition =
    when === 'boundary-is-deny-all'
      ? ', on condition that iam:PermissionsBoundary is AWSDenyAll'
      : when === 'passed-to-ec2'
        ? ', on condition that iam:PassedToService is EC2'
        : '';
  return `Allow ${action} ${where}${condition} in a policy of ${roleArn}, or update the stack that made it with the present template.`;
}
