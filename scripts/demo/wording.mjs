export const number = (/** @type {number} */ value) => value.toLocaleString('en-US');

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** One line without control characters: names come from an endpoint, and a terminal obeys what it prints. */
export const printable = (/** @type {string} */ text) => text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '�').trim();
