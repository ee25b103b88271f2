import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The worker processes inherit this variable.
process.env.JEST_CPU_LOG ??= join(tmpdir(), `jest-cpu-${process.pid}.jsonl`);

/** The configuration that all projects have in common. */
export const project = {
  transform: {
    '\\.[mc]?[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // These packages contain only ES modules, which Jest runs as CommonJS like the rest.
  transformIgnorePatterns: ['/node_modules/(?!(p-map|preact|uuid)/)'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/.local'],
  setupFiles: ['<rootDir>/test/environment.ts'],
  testEnvironment: '<rootDir>/test/cpu-environment.js',
};

/** @type {import('jest').Config} */
export default {
  // The end-to-end tests mostly wait for a separate process.
  maxWorkers: 2,
  // Ten times the time of the slowest test on an idle machine. Tests wait for conditions, which have
  // their own limits.
  testTimeout: 600_000,
  reporters: ['default', '<rootDir>/test/run-report.js'],
  // Each project has its own global setup, which runs only if one of its tests runs.
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
