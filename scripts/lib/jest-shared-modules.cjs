const { createRequire, isBuiltin } = require('node:module');
const { join, resolve, sep } = require('node:path');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');
require('./typescript-hook.cjs');

const root = resolve(__dirname, '..', '..');
const tests = join(root, 'test') + sep;
const jests = /[\\/]node_modules[\\/](@jest|jest|jest-[a-z-]+|expect)[\\/]/;

/** @type {Map<string, NodeJS.Require>} */
const requires = new Map();

function requireOf(/** @type {string} */ file) {
  const found = requires.get(file) ?? createRequire(file);
  requires.set(file, found);
  return found;
}

/**
 * Loads what is tested, and the libraries that it stands on, once for each worker and not anew for each test file:
 * that were some 3,000 modules, two to three seconds of every file. Test files, and what they share in `test/`, are
 * still loaded anew. So no test may replace a module, and what is tested may keep no state outside its objects.
 * Needs `jest-one-realm.cjs` as the environment.
 */
class SharedModules extends Runtime {
  constructor(...given) {
    super(...given);
    const { executor } = this;
    executor.compile = (source, filename) => compileFunction(source, executor.injectedModuleParameters, { filename });
  }

  requireModuleOrMock(from, name) {
    return this.isShared(from, name) ? requireOf(from)(name) : super.requireModuleOrMock(from, name);
  }

  requireActual(from, name) {
    return this.requireModuleOrMock(from, name);
  }

  isShared(from, name) {
    if (isBuiltin(name)) return true;
    const path = requireOf(from).resolve(name);
    return !path.startsWith(tests) && !path.endsWith('.spec.ts') && !jests.test(path);
  }
}

module.exports = { __esModule: true, default: SharedModules };
