import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { importZones } from './scripts/lib/import-zones.mjs';

const typescript = ['src/**/*.ts', 'migrations/**/*.ts', 'aws-simulator/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'];
const tests = ['**/*.spec.ts', 'test/**/*.ts'];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.mothball/', 'web/dist/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'AbortController',
          'AbortSignal',
          'Buffer',
          'TextDecoder',
          'TextEncoder',
          'URL',
          'URLSearchParams',
          'clearInterval',
          'clearTimeout',
          'console',
          'fetch',
          'performance',
          'process',
          'queueMicrotask',
          'setImmediate',
          'setInterval',
          'setTimeout',
          'structuredClone',
        ].map((name) => [name, 'readonly']),
      ),
    },
    // What is taken out of an environment on purpose.
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }] },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly', process: 'readonly' } },
  },
  // Specs of untyped modules: nothing to check types against.
  { files: ['scripts/**/*.ts'], extends: [tseslint.configs.recommended] },
  {
    files: typescript,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      // How to read what is imported; without it no-cycle finds nothing.
      ...importX.flatConfigs.typescript.settings,
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })],
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // An interface's asynchronous method may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-default-export': 'error',
      'import-x/no-restricted-paths': ['error', { zones: importZones(import.meta.dirname) }],
      'max-lines': ['error', 300],
      'max-params': ['error', 5],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'aws-simulator/**/*.ts'],
    ignores: tests,
    rules: { 'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }] },
  },
  { files: ['src/cli/main.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: tests,
    rules: {
      'max-lines': 'off',
      // `expect(mock.method)` is how Jest looks at calls.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
