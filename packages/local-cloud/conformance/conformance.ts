import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { type Answers, Recorder } from './answers.ts';
import { callDynamoDb } from './calls/dynamodb.ts';
import { callDynamoDbExpressions } from './calls/dynamodb-expressions.ts';
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
  'dynamodb-expressions': callDynamoDbExpressions,
  'dynamodb-streams': callStreams,
  eventbridge: callEventBridge,
  sns: callSns,
  sqs: callSqs,
};

/** The services of each reference. */
export const referencedBy = {
  'DynamoDB Local': ['dynamodb', 'dynamodb-expressions', 'dynamodb-streams'],
  moto: ['eventbridge', 'sns', 'sqs'],
};

/** The responses of each service, by its name. */
export type AnswersByService = Record<string, Answers>;

/** Calls some services, or all of them, and returns their responses. */
export async function answersOf(system: System, names = Object.keys(services)): Promise<AnswersByService> {
  const answers: AnswersByService = {};
  for (const name of names) {
    const recorder = new Recorder();
    await services[name]?.(system, recorder);
    answers[name] = recorder.answers;
  }
  return answers;
}

/** Starts a local cloud, makes all calls to it, and stops it. */
async function localAnswers(): Promise<AnswersByService> {
  const system = await startLocalSystem();
  try {
    return await answersOf(system);
  } finally {
    await system.stop();
  }
}

/** Returns the path of the recorded responses for a service. */
export function recordingFile(service: string): string {
  return resolve('packages/local-cloud/conformance/recordings', `${service}.json`);
}

const Recording = z.record(z.string(), z.json());

export async function readRecordings(): Promise<AnswersByService> {
  const read = async (service: string) =>
    [service, Recording.parse(JSON.parse(await readFile(recordingFile(service), 'utf8')))] as const;
  return Object.fromEntries(await Promise.all(Object.keys(services).map(read)));
}

/** Compares the local cloud with the recorded responses of the references. */
export async function compareWithRecordings(): Promise<Comparison[]> {
  const [local, recorded] = [await localAnswers(), await readRecordings()];
  return Object.keys(services).map((service) =>
    compare(service, local[service] ?? {}, recorded[service] ?? {}, differences),
  );
}
