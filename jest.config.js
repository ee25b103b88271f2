/** @type {import('jest').Config} */
export default {
  // Most of the end-to-end tests' time is waiting for a process of its own.
  maxWorkers: 2,
  // An attempt that is repeated has 10 s of its own.
  testTimeout: 20_000,
  testMatch: ['<rootDir>/**/*.test.ts'],
  transform: {
    '\\.[mc]?[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // These packages ship ES modules only, which jest runs as CommonJS like the rest.
  transformIgnorePatterns: ['/node_modules/(?!(lowdb|p-map|steno|uuid)/)'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/.local'],
  globalSetup: '<rootDir>/testing/chromium.ts',
  setupFiles: ['<rootDir>/test/environment.ts'],
  reporters: ['default', '<rootDir>/test/count-reporter.js'],
};
