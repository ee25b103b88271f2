import tests from './jest.config.js';

/** What is too long for `npm test`. @type {import('jest').Config} */
export default { ...tests, testMatch: ['<rootDir>/**/*.verify.ts'] };
