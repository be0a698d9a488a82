/** Two projects: `unit` (specs beside the code, no network beyond loopback) and `whole` (real Postgres, queue, simulator, HTTP). */
const shared = {
  testEnvironment: '<rootDir>/scripts/lib/jest-one-realm.cjs',
  runtime: '<rootDir>/scripts/lib/jest-shared-modules.cjs',
  transform: { '^.+\\.ts$': '@swc/jest' },
};

export default {
  // Two cores, two test files at a time, each with a database and a whole service: a hook may take a while.
  testTimeout: 30_000,
  // What a file has loaded is never given back whole: beyond this a worker starts anew.
  workerIdleMemoryLimit: '1GB',
  testSequencer: '<rootDir>/scripts/lib/longest-first.cjs',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/src/**/*.spec.ts',
        '<rootDir>/aws-simulator/**/*.spec.ts',
        '<rootDir>/scripts/**/*.spec.ts',
      ],
    },
    {
      ...shared,
      displayName: 'whole',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
    },
  ],
};
