import path from 'node:path';

/** The stages whose stacks are synthesized for the tests. */
export const stages = ['dev', 'prod'] as const;
export type Stage = (typeof stages)[number];

/** The throttles of the stages, all different from the defaults. */
export const rates = { restRate: 21, restBurst: 42, webSocketRate: 53 };

/** The folder of the cloud assembly of a stage. */
export const assemblyOf = (stage: Stage): string => path.join('.local', 'stages', stage);
