import { shownVariables } from '../../src/flow/environment-variables.ts';

it('hides the values that may be secrets, and sorts by name', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:key';
  const variables = {
    TABLE: 'orders',
    DB_PASSWORD: 'hunter2',
    DB_PASS: 'hunter2',
    FTP_PWD: 'hunter2',
    KEY_PASSPHRASE: 'p',
    BYPASS_CACHE: 'true',
    API_KEY: 'k',
    authToken: 't',
    KEY_SECRET_ARN: arn,
    DATABASE: 'postgres://joe:hunter2@localhost/shop',
    URL: 'http://localhost:3000/a:b',
  };
  expect(Object.fromEntries(shownVariables(variables))).toEqual({
    API_KEY: '(hidden)',
    BYPASS_CACHE: 'true',
    DATABASE: '(hidden)',
    DB_PASS: '(hidden)',
    DB_PASSWORD: '(hidden)',
    FTP_PWD: '(hidden)',
    KEY_PASSPHRASE: '(hidden)',
    KEY_SECRET_ARN: arn,
    TABLE: 'orders',
    URL: 'http://localhost:3000/a:b',
    authToken: '(hidden)',
  });
  expect(shownVariables({ B: '', A: '' }).map(([name]) => name)).toEqual(['A', 'B']);
});
