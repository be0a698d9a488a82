/**
 * @typedef {object} Person
 * @property {string} id
 * @property {string} name
 * @property {string} email
 * @property {string[]} groups
 * @property {string} what for people who choose
 */

/** Who can sign in. Their groups are mapped in `settings.mjs`. @type {readonly Person[]} */
export const people = [
  person('alice', 'Alice Almeida', ['mothball-platform-admins'], 'administrator of the platform'),
  person('bob', 'Bob Baker', ['product-engineering-admins'], 'administrator of Product Engineering'),
  person('carol', 'Carol Castillo', ['product-engineering-approvers'], 'approver of Product Engineering'),
  person('dave', 'Dave Diallo', ['product-engineering-viewers', 'cloud-platform-viewers'], 'viewer of both teams'),
  person('frank', 'Frank Ferrari', ['cloud-platform-admins'], 'administrator of Cloud Platform'),
  person('grace', 'Grace Gruber', ['cloud-platform-approvers'], 'approver of Cloud Platform'),
  person('erin', 'Erin Eriksen', [], 'auditor, in no group: comes by invitation'),
];

/**
 * @param {string} id
 * @param {string} name
 * @param {string[]} groups
 * @param {string} what
 * @returns {Person}
 */
function person(id, name, groups, what) {
  return { id, name, email: `${id}@example.com`, groups, what };
}

/**
 * Whoever is typed in exists, too, in no group.
 * @param {string} id
 * @returns {Person}
 */
export const personOf = (id) => people.find((one) => one.id === id) ?? person(id, id, [], 'in no group');
