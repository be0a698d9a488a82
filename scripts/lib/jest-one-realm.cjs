const { AsyncLocalStorage } = require('node:async_hooks');
const { LegacyFakeTimers, ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');
const { mustHaveStayedHere } = require('./jest-loopback-only.cjs');

/**
 * Jest's runner makes a storage for each file and leaves it on; every promise of every later file would carry them all.
 * @type {Set<AsyncLocalStorage<unknown>>}
 */
const storages = new Set();
for (const name of ['run', 'enterWith']) {
  const enter = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function (...given) {
    storages.add(this);
    return enter.apply(this, given);
  };
}

/**
 * A test environment without globals of its own: what `jest-shared-modules.cjs` loads once for all files and what the
 * files themselves create are then of the same kinds (`instanceof` holds between them).
 * A file gets the environment variables and the `process.exit` that the one before it found.
 */
module.exports = class OneRealm {
  constructor({ projectConfig: config }) {
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimersModern = new ModernFakeTimers({ config, global: globalThis });
    this.fakeTimers = new LegacyFakeTimers({
      config,
      global: globalThis,
      moduleMocker: this.moduleMocker,
      timerConfig: { idToRef: (id) => ({ id, ref: () => id, unref: () => id }), refToId: (timer) => timer?.id },
    });
    this.found = { env: process.env, variables: { ...process.env }, exit: process.exit, console: globalThis.console };
    this.symbols = new Set(Object.getOwnPropertySymbols(globalThis));
  }

  async setup() {}

  async teardown() {
    this.moduleMocker.restoreAllMocks();
    this.fakeTimers.dispose();
    this.fakeTimersModern.dispose();
    for (const storage of storages) storage.disable();
    storages.clear();
    // What the runner keeps of a file, its listeners among them.
    for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
      if (!this.symbols.has(symbol)) Reflect.deleteProperty(globalThis, symbol);
    }
    const { env, variables, exit, console } = this.found;
    process.env = env;
    for (const name of Object.keys(env)) if (!(name in variables)) delete env[name];
    Object.assign(env, variables);
    process.exit = exit;
    globalThis.console = console;
    mustHaveStayedHere();
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return globalThis;
  }
};
