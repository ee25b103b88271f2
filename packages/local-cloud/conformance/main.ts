import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import * as z from 'zod/mini';
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

const Options = z.object({ live: z.boolean(), record: z.boolean() });

// The SDK otherwise warns about Node.js 20.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const command = new Command('npm run conformance --')
  .description(
    'Makes the same calls to the local cloud and to other emulators of AWS, and compares the responses. ' +
      'Without options it uses the recorded responses in packages/local-cloud/conformance/recordings.',
  )
  .option('--live', 'starts the emulators (a JDK 17, moto 5.2.1) and checks the recordings first', false)
  .option('--record', 'starts the emulators and rewrites the recordings', false)
  .showSuggestionAfterError(false);
await main(Options.parse(command.parse().opts()));

async function main({ live, record }: z.infer<typeof Options>): Promise<void> {
  if (live || record) {
    const answers = await referenceAnswers();
    if (record) await writeRecordings(answers);
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
      console.log(`${service}: ${call}: the reference no longer responds as recorded. Run --record.`);
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
      console.log(`\n${entry}: the listed difference no longer exists. Remove it from differences.ts.`);
      process.exitCode = 1;
    }
  }
}

function row(service: string, ...columns: (string | number)[]): string {
  return service.padEnd(22) + columns.map((column) => String(column).padStart(13)).join('');
}

function described({ service, call, path, local, reference }: Difference): string {
  const [ours, theirs] = [local, reference].map((value) =>
    (JSON.stringify(value) ?? 'nothing').slice(0, 300),
  );
  return `${service}: ${call}: ${path || 'the response'}\n  local      ${ours}\n  reference  ${theirs}`;
}
