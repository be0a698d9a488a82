import { Failure } from '../../lib/failure.mjs';
import { rolesOfTemplate } from './template.mjs';

/**
 * @typedef {import('../api.mjs').Ask} Ask
 * @typedef {{ id: string, awsAccountId: string, name: string }} Account
 */

const kinds = /** @type {const} */ ({ CLEANUP: 'CleanupRole', RESTORE: 'RestoreRole' });

/**
 * Makes the clean-up and restore roles in an account, as the template that tenants are given has them, and tells Mothball.
 * @param {Ask} ask
 * @param {object} options
 * @param {import('../simulator.mjs').Simulator} options.simulator
 * @param {string} options.externalIdPrefix
 * @param {Account} options.account
 */
export async function giveRoles(ask, { simulator, externalIdPrefix, account }) {
  const { credentials, control } = simulator;
  const made = rolesOfTemplate(account.awsAccountId, {
    ExternalIdPrefix: externalIdPrefix,
    MothballPrincipals: credentials.userArn,
    CreateCleanupRole: 'yes',
    CreateRestoreRole: 'yes',
  });
  for (const [kind, logicalName] of Object.entries(kinds)) {
    const role = made[logicalName];
    if (!role) throw new Failure(`The template has no ${logicalName}.`);
    await control('deploy-role', {
      roleName: role.RoleName,
      path: role.Path,
      trustedPrincipalArn: credentials.userArn,
      trustPolicy: JSON.stringify(role.AssumeRolePolicyDocument),
      policyDocument: JSON.stringify(role.Policies[0]?.PolicyDocument),
      maxSessionDuration: role.MaxSessionDuration,
      accounts: [account.awsAccountId],
    });
    const roleArn = `arn:aws:iam::${account.awsAccountId}:role${role.Path}${role.RoleName}`;
    const { setAccountRole: proof } = await ask(
      `mutation ($id: ID!, $role: AccountRole!, $roleArn: String!) {
        setAccountRole(id: $id, role: $role, roleArn: $roleArn) { verified problem remedy }
      }`,
      { id: account.id, role: kind, roleArn },
    );
    if (!proof.verified) throw new Failure(`${roleArn} was refused: ${proof.problem} ${proof.remedy ?? ''}`);
  }
}
