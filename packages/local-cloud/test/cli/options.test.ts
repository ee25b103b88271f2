import { parseOptions } from '../../src/cli/options.ts';

it('has defaults, and takes the last of several values', () => {
  expect(parseOptions([])).toMatchObject({ port: 3000, awsPort: 4566, pagePort: 3001, context: {} });
  expect(
    parseOptions(['--port', '0', '--port', '80', '-c', 'a=1', '-c', 'b=x=y', '--speed', '0.5']),
  ).toMatchObject({ port: 80, speed: 0.5, context: { a: '1', b: 'x=y' } });
  expect(parseOptions(['--smtp', 'smtp://localhost:25']).smtp).toBe('smtp://localhost:25');
  expect(parseOptions(['--port', '0', '--aws-port', '0']).awsPort).toBe(0);
});

const PORT = 'a whole number from 0 to 65535';

it.each([
  [['--port', 'abc'], `--port must be ${PORT}, not "abc".`],
  [['--aws-port', '-1'], `--aws-port must be ${PORT}, not "-1".`],
  [['--page-port', '65536'], `--page-port must be ${PORT}, not "65536".`],
  [['--port', ''], `--port must be ${PORT}, not "".`],
  [['--port', '1e3'], `--port must be ${PORT}, not "1e3".`],
  [['--port', '--fresh'], `--port must be ${PORT}, not "--fresh".`],
  [['--port'], 'The option --port <number> needs a value.'],
  [['--port', '4566'], '--port and --aws-port must be different ports, not both 4566.'],
  [['--smtp', 'localhost:25'], '--smtp must be a URL such as smtp://localhost:1025, not "localhost:25".'],
  [['--smtp', 'smtp://'], '--smtp must be a URL such as smtp://localhost:1025, not "smtp://".'],
  [['--speed', '0'], '--speed must be a number above 0, not "0".'],
  [['--comprehend-rate', 'Infinity'], '--comprehend-rate must be a number above 0, not "Infinity".'],
  [['--data', ''], '--data must be a folder, not "".'],
  [['--data', '--fresh'], '--data must be a folder, not "--fresh".'],
  [['--seed', ''], '--seed must be a text, not "".'],
  [['-c', 'restRate'], '-c must be NAME=VALUE, not "restRate".'],
  [['-c', '=1'], '-c must be NAME=VALUE, not "=1".'],
  [['--profile', 'dev'], 'There is no option --profile. --help lists the options.'],
  [['extra'], 'There is no argument "extra". --help lists the options.'],
  [
    ['-c', 'restRate=1', '--assembly', 'cdk.out'],
    '-c restRate has no effect with --assembly: synthesize the assembly with it, or omit --assembly.',
  ],
])('refuses %j in one line', (args, message) => {
  expect(() => parseOptions(args)).toThrow(new Error(message));
});
