export const clientId = 'mothball';

/**
 * What the service is told about this issuer: MOTHBALL_OIDC.
 * @param {string} issuer its address
 */
export function settingsFor(issuer) {
  const ofTeam = (/** @type {string} */ group, /** @type {string} */ tenant) =>
    ['admin', 'approver', 'viewer'].map((role) => ({ claim: 'groups', value: `${group}-${role}s`, tenant, role }));
  const roles = [
    { claim: 'groups', value: 'mothball-platform-admins', platform: 'admin' },
    ...ofTeam('product-engineering', 'Product Engineering'),
    ...ofTeam('cloud-platform', 'Cloud Platform'),
  ];
  return {
    issuers: [
      { issuer, label: 'the demo’s issuer', clientId, scopes: 'openid profile email groups', prompt: 'login', roles },
    ],
  };
}
