import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import type { Comparison, Difference } from './comparison.ts';
import {
  type AnswersByService,
  answersOf,
  compareWithRecordings,
  readRecordings,
  recordingFile,
  referencedBy,
} from './conformance.ts';
import { startDynamoDbLocal, startMoto } from './references.ts';

const USAGE = `npm run conformance -- [options]

Makes the same calls to the local cloud and to others' emulations of AWS, and compares the answers. Without options the
others are not needed: what they answered is in packages/local-cloud/conformance/recordings.

  --live    starts them (a JDK 17, moto 5.2.1) and checks first that the recordings are still what they answer
  --record  starts them and rewrites the recordings
  --help    this text`;

const { values: options } = parseArgs({
  options: { live: { type: 'boolean' }, record: { type: 'boolean' }, help: { type: 'boolean' } },
});
// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

if (options.help) console.log(USAGE);
else await main();

async function main(): Promise<void> {
  if (options.live || options.record) {
    const answers = await referenceAnswers();
    if (options.record) await writeRecordings(answers);
    else await checkRecordings(answers);
  }
  report(await compareWithRecordings());
}

async function referenceAnswers(): Promise<AnswersByService> {
  const answers: AnswersByService = {};
  for (const [start, services] of [
    [startDynamoDbLocal, referencedBy['DynamoDB Local']],
    [startMoto, referencedBy.moto],
  ] as const) {
    const system = await start();
    try {
      Object.assign(answers, await answersOf(system, services));
    } finally {
      await system.stop();
    }
  }
  return answers;
}

async function writeRecordings(answers: AnswersByService): Promise<void> {
  for (const [service, recording] of Object.entries(answers)) {
    const file = recordingFile(service);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(recording, undefined, 2)}\n`);
  }
  execFileSync(process.execPath, [
    'node_modules/@biomejs/biome/bin/biome',
    'format',
    '--write',
    dirname(recordingFile('')),
  ]);
}

async function checkRecordings(answers: AnswersByService): Promise<void> {
  const recorded = await readRecordings();
  for (const [service, recording] of Object.entries(answers)) {
    for (const call of new Set([...Object.keys(recording), ...Object.keys(recorded[service] ?? {})])) {
      if (isDeepStrictEqual(recording[call], recorded[service]?.[call])) continue;
      console.log(`${service}: ${call}: the reference no longer answers what is recorded`);
      process.exitCode = 1;
    }
  }
}

function report(comparisons: Comparison[]): void {
  console.log(row('service', 'calls', 'equal', 'listed', 'unexplained'));
  for (const { service, calls, equal, listed, unexplained } of comparisons) {
    console.log(row(service, calls, equal, listed, calls - equal - listed));
    if (unexplained.length > 0) process.exitCode = 1;
  }
  for (const { unexplained, outdated } of comparisons) {
    for (const difference of unexplained) console.log(`\n${described(difference)}`);
    for (const entry of outdated) {
      console.log(`\n${entry}: listed as a difference, and is none`);
      process.exitCode = 1;
    }
  }
}

function row(service: string, ...columns: (string | number)[]): string {
  return service.padEnd(18) + columns.map((column) => String(column).padStart(13)).join('');
}

function described({ service, call, path, local, reference }: Difference): string {
  const [ours, theirs] = [local, reference].map((value) =>
    (JSON.stringify(value) ?? 'nothing').slice(0, 300),
  );
  return `${service}: ${call}: ${path || 'the answer'}\n  local      ${ours}\n  reference  ${theirs}`;
}
