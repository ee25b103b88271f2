import tests, { project } from './jest.config.js';

/** What is too long for `npm test`. @type {import('jest').Config} */
export default { ...tests, projects: [{ ...project, testMatch: ['<rootDir>/**/*.verify.ts'] }] };
