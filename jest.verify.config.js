import tests, { project } from './jest.config.js';

/**
 * The tests that take too long for `npm test`.
 * @type {import('jest').Config}
 */
export default { ...tests, projects: [{ ...project, testMatch: ['<rootDir>/**/*.verify.ts'] }] };
