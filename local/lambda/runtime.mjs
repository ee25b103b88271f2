// The inside of an execution environment: loads the bundle as Lambda's Node.js runtime does and answers one
// invocation after the other. Plain JavaScript, because a worker that loaded a TypeScript compiler first would
// start three times slower than the function it runs.
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

/** @typedef {import('./execution-environment.ts').InvocationRequest} InvocationRequest */
/** @typedef {import('./execution-environment.ts').InvocationResult} InvocationResult */

/** @type {{ file: string, handler: string, functionName: string, functionArn: string, memoryMb: number }} */
const { file, handler, functionName, functionArn, memoryMb } = workerData;

if (process.env.NODE_OPTIONS?.includes('--enable-source-maps')) process.setSourceMapsEnabled(true);

const { [handler]: handle } = await import(pathToFileURL(file).href);
if (typeof handle !== 'function') throw new Error(`${file} exports no function ${handler}`);

/** @param {InvocationRequest} request */
function contextOf({ requestId, deadline }) {
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** @param {unknown} error @returns {InvocationResult} */
function failure(error) {
  return error instanceof Error
    ? {
        ok: false,
        errorType: error.name,
        errorMessage: error.message,
        trace: error.stack?.split('\n') ?? [],
      }
    : { ok: false, errorType: typeof error, errorMessage: String(error), trace: [] };
}

parentPort?.on('message', async (/** @type {InvocationRequest} */ request) => {
  /** @type {InvocationResult} */
  let result;
  try {
    const answer = await handle(JSON.parse(request.payload), contextOf(request));
    result = { ok: true, payload: JSON.stringify(answer) ?? 'null' };
  } catch (error) {
    result = failure(error);
  }
  parentPort?.postMessage(result);
});
