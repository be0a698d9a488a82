const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Files that take long although they are short, the longest first: begun last, each would keep one core waiting for
 * the other. The rest goes in Jest's own order.
 */
const LONG = [
  'test/cleanup/full-quarantines.test.ts',
  'test/cleanup/short-quarantines.test.ts',
  'test/cleanup/killed-anywhere.test.ts',
  'test/policies/preview.test.ts',
  'test/permissions/matrix.test.ts',
  'test/cleanup/stopped-worker.test.ts',
  'test/cleanup/pause-under-load.test.ts',
  'test/demo/demo.test.ts',
  'test/pipeline/survival.test.ts',
  'test/pipeline/truth.test.ts',
  'test/pipeline/budget.test.ts',
  'test/cleanup/ten-thousand-items.test.ts',
];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const found = LONG.findIndex((file) => path.endsWith(file));
      return found === -1 ? LONG.length : found;
    };
    return [...super.sort(tests)].sort((one, other) => place(one) - place(other));
  }
};
