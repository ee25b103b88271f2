import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { type Answers, Recorder } from './answers.ts';
import { callDynamoDb } from './calls/dynamodb.ts';
import { callEventBridge } from './calls/eventbridge.ts';
import { callSns } from './calls/sns.ts';
import { callSqs } from './calls/sqs.ts';
import { callStreams } from './calls/streams.ts';
import { type Comparison, compare } from './comparison.ts';
import { differences } from './differences.ts';
import { startLocalSystem } from './local-system.ts';
import type { System } from './system.ts';

const services: Record<string, (system: System, record: Recorder) => Promise<void>> = {
  dynamodb: callDynamoDb,
  'dynamodb-streams': callStreams,
  eventbridge: callEventBridge,
  sns: callSns,
  sqs: callSqs,
};

/** Which reference is asked for which services. */
export const referencedBy = {
  'DynamoDB Local': ['dynamodb', 'dynamodb-streams'],
  moto: ['eventbridge', 'sns', 'sqs'],
};

/** The answers of each service, by its name. */
export type AnswersByService = Record<string, Answers>;

/** Makes the calls of some services, or of all. */
export async function answersOf(system: System, names = Object.keys(services)): Promise<AnswersByService> {
  const answers: AnswersByService = {};
  for (const name of names) {
    const recorder = new Recorder();
    await services[name]?.(system, recorder);
    answers[name] = recorder.answers;
  }
  return answers;
}

/** Makes all calls to a local cloud started for them. */
async function localAnswers(): Promise<AnswersByService> {
  const system = await startLocalSystem();
  try {
    return await answersOf(system);
  } finally {
    await system.stop();
  }
}

/** The file with what the references have answered for a service. */
export function recordingFile(service: string): string {
  return resolve('packages/local-cloud/conformance/recordings', `${service}.json`);
}

const Recording = z.record(z.string(), z.json());

export async function readRecordings(): Promise<AnswersByService> {
  const read = async (service: string) =>
    [service, Recording.parse(JSON.parse(await readFile(recordingFile(service), 'utf8')))] as const;
  return Object.fromEntries(await Promise.all(Object.keys(services).map(read)));
}

/** Compares the local cloud with what the references have answered when they were recorded. */
export async function compareWithRecordings(): Promise<Comparison[]> {
  const [local, recorded] = [await localAnswers(), await readRecordings()];
  return Object.keys(services).map((service) =>
    compare(service, local[service] ?? {}, recorded[service] ?? {}, differences),
  );
}
