import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The workers inherit it.
process.env.JEST_CPU_LOG ??= join(tmpdir(), `jest-cpu-${process.pid}.jsonl`);

/** What the tests have in common. */
export const project = {
  transform: {
    '\\.[mc]?[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // These packages ship ES modules only, which jest runs as CommonJS like the rest.
  transformIgnorePatterns: ['/node_modules/(?!(lowdb|p-map|preact|steno|uuid)/)'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/.local'],
  setupFiles: ['<rootDir>/test/environment.ts'],
  testEnvironment: '<rootDir>/test/cpu-environment.js',
};

/** @type {import('jest').Config} */
export default {
  // Most of the end-to-end tests' time is waiting for a process of its own.
  maxWorkers: 2,
  // Ten times what the slowest test takes on a quiet machine: a test waits for conditions, which have limits of their own.
  testTimeout: 600_000,
  reporters: ['default', '<rootDir>/test/run-report.js'],
  // Each has a global setup of its own, which runs only if any of its tests do.
  projects: [
    {
      ...project,
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/lib/'],
      globalSetup: '<rootDir>/testing/chromium.ts',
    },
    {
      ...project,
      testMatch: ['<rootDir>/test/lib/**/*.test.ts'],
      globalSetup: '<rootDir>/test/lib/synthesize-stages.ts',
    },
  ],
};
