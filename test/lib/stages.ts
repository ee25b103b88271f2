import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';

/** The stages whose stacks are synthesized for the tests. */
export const stages = ['dev', 'prod'] as const;
export type Stage = (typeof stages)[number];

/** The throttles of the stages, all different from the defaults. */
export const rates = { restRate: 21, restBurst: 42, postRate: 2, postBurst: 1, webSocketRate: 53 };

/** The retention of the archive in the stages, different from the default. */
export const archiveDays = 14;

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** Returns the context of `cdk.json`, with which the CDK CLI synthesizes. */
export const cdkContext = () => CdkJson.parse(JSON.parse(readFileSync('cdk.json', 'utf8'))).context;

/** The folder of the cloud assembly of a stage. */
export const assemblyOf = (stage: Stage): string => path.join('.local', 'stages', stage);
