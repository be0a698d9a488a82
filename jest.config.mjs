/** Two projects: `unit` (specs beside the code, no network beyond loopback) and `whole` (real Postgres, queue, simulator, HTTP). */
const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      },
    ],
    '^.+\\.m?js$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'ecmascript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!(uuid|jose|oauth4webapi|openid-client|sql-template-tag)/)'],
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
