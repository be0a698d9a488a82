const { Resolver } = require('node:dns');
const { Resolver: PromisingResolver } = require('node:dns/promises');
const net = require('node:net');
const { URL } = require('node:url');

/**
 * Nothing that a test does in its own process leaves this machine: a connection to anywhere else is not made, and a name
 * is not asked of DNS. It fails the test file, too, since what is tested may take the error for a receiver's.
 * @type {Set<string>}
 */
const attempts = new Set();

const here = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** The tests' own database and queue may be elsewhere. */
const ours = () =>
  ['MOTHBALL_TEST_ADMIN_URL', 'MOTHBALL_TEST_REDIS_URL']
    .map((name) => process.env[name])
    .filter((url) => url !== undefined)
    .map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));

function refuse(/** @type {string} */ what) {
  attempts.add(what);
  return new Error(`A test tried to reach ${what}, and nothing may leave this machine.`);
}

const { connect } = net.Socket.prototype;
/** @type {(this: net.Socket, ...given: any[]) => net.Socket} */
net.Socket.prototype.connect = function (...given) {
  const [{ host = 'localhost', path }] = Array.isArray(given[0]) ? given[0] : net._normalizeArgs(given);
  if (path !== undefined || here.test(host) || ours().includes(host)) return connect.apply(this, given);
  this.destroy(refuse(host));
  return this;
};

/** Both kinds ask by these two. */
for (const name of /** @type {const} */ (['resolve4', 'resolve6'])) {
  Resolver.prototype[name] = function (/** @type {string} */ host, /** @type {any[]} */ ...given) {
    process.nextTick(given.at(-1), refuse(`the DNS for ${host}`));
  };
  PromisingResolver.prototype[name] = async (/** @type {string} */ host) => {
    throw refuse(`the DNS for ${host}`);
  };
}

/** Throws where something was tried since the last time. */
exports.mustHaveStayedHere = () => {
  const tried = [...attempts];
  attempts.clear();
  if (tried.length > 0) throw new Error(`A test tried to reach ${tried.join(', ')}: nothing may leave this machine.`);
};
