/**
 * @typedef {import('./plan.mjs').Item} Item
 * @typedef {{ action: string, accountId: string, identityIds: string[], objectIds: string[] }} Write
 */

/**
 * How many writes AWS has seen, and how many of them were about anything that is not in the manifest, by unique id. What
 * was made again counts as the item that it was; of an item that is a key, no other key of its user may be touched.
 * @param {import('../simulator.mjs').Simulator} simulator
 * @param {Item[]} items
 * @returns {Promise<{ total: number, outside: number }>}
 */
export async function writesOutside({ control }, items) {
  /** @type {Write[]} */
  const writes = await control('writes');
  const agreed = items.filter(({ outcome }) => outcome !== 'REFUSED');
  const ids = new Set(agreed.map(({ uniqueId }) => uniqueId));
  const whole = new Set(agreed.filter(({ course }) => course === 'USER' || course === 'ROLE').map(idOf));
  const keys = new Set(agreed.flatMap(({ accessKeyId }) => accessKeyId ?? []));
  for (const item of agreed.filter(({ outcome }) => outcome === 'RECREATED')) {
    const id = await idNow(control, item);
    ids.add(id);
    whole.add(id);
  }
  const parts = new Set();
  const isInside = (/** @type {Write} */ { identityIds, objectIds }) => {
    // A virtual MFA device is deleted when it is nobody's any more: one that was taken from somebody in the manifest.
    if (identityIds.length === 0) return objectIds.length > 0 && objectIds.every((id) => parts.has(id));
    if (!identityIds.every((id) => ids.has(id))) return false;
    for (const id of objectIds) parts.add(id);
    return identityIds.some((id) => whole.has(id)) || objectIds.every((id) => !id.startsWith('AKIA') || keys.has(id));
  };
  return { total: writes.length, outside: writes.filter((write) => !isInside(write)).length };
}

const idOf = (/** @type {Item} */ { uniqueId }) => uniqueId;

/**
 * @param {import('../simulator.mjs').Simulator['control']} control
 * @param {Item} item
 */
async function idNow(control, { awsAccountId, course, name }) {
  const named = course === 'ROLE' ? { roleName: name } : { userName: name };
  const { description } = await control(`describe?${new URLSearchParams({ accountId: awsAccountId, ...named })}`);
  return JSON.parse(description).uniqueId;
}
