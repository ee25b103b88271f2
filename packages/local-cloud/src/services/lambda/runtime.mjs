// Runs inside an execution environment: loads the bundle as Lambda's Node.js runtime does and runs
// one invocation after the other. Plain JavaScript: a worker that loads a TypeScript compiler
// starts three times as slowly.
import { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';
import threads from 'node:worker_threads';
import { carryCalls } from './aws-channel.mjs';
import { sendOutput } from './output.mjs';

/** @typedef {import('./execution-environment.ts').FailedInvocation} FailedInvocation */
/** @typedef {import('./execution-environment.ts').InvocationRequest} InvocationRequest */
/** @typedef {import('./execution-environment.ts').InvocationResult} InvocationResult */
/** @typedef {import('./execution-environment.ts').ParentMessage} ParentMessage */
/** @typedef {import('./execution-environment.ts').WorkerMessage} WorkerMessage */

/**
 * Source: AWS Lambda Developer Guide, "Lambda quotas"; Lambda accepts 100 bytes more than the 6 MB.
 */
const MAXIMUM_RESPONSE_BYTES = 6 * 1024 ** 2 + 100;

/** @type {import('./execution-environment.ts').WorkerData} */
const { awsUrl, folder, handler, functionArn, jumps } = threads.workerData;
const { parentPort } = threads;

// In Lambda, a handler runs in the main thread of a process of its own. Here, its messages to the
// parent's port or a signal to its process would end the local cloud.
Object.assign(threads, { isMainThread: true, parentPort: null, threadId: 0, workerData: null });
syncBuiltinESMExports();
const { kill } = process;
process.kill = (pid, signal) =>
  signal === 0 || (pid > 0 && pid !== process.pid) ? kill(pid, signal) : process.exit(1);

/** How far the clock of the services is ahead of the machine's, in milliseconds. */
let ahead = 0;
const machineDate = Date;

sendOutput(send);
const receive =
  awsUrl === undefined ? undefined : carryCalls(awsUrl, (call, request) => send({ call, request }));
const time = jumps ? (await import('./jumping-time.mjs')).jumpingTime((due) => send({ due })) : undefined;
const servicesNow = () => time?.now() ?? machineDate.now() + ahead;

process.on('uncaughtException', (error) => die(error, 129));
process.on('unhandledRejection', (reason) => {
  die(runtimeError('UnhandledPromiseRejection', String(reason)), 128);
});

// AWS asks for `--enable-source-maps` in NODE_OPTIONS. On a developer's machine a stack trace always
// names the source.
process.setSourceMapsEnabled(true);

const loading = loadHandler().catch((error) => die(error, 1));
void loading.then(() => send('initialized'));

parentPort?.on('message', async (/** @type {ParentMessage} */ request) => {
  // The code can make calls while it is loaded.
  if (typeof request === 'object' && 'call' in request) return receive?.(request.call, request.response);
  if (request === 'state') return send({ state: (await time?.state()) ?? { calls: [] } });
  time?.moveTo(request.now);
  setDate(request.now);
  if (!('payload' in request)) return;
  process.env._X_AMZN_TRACE_ID = request.traceHeader;
  const handle = await loading;
  try {
    send(success(await handle(JSON.parse(request.payload), contextOf(request))));
  } catch (error) {
    send(failure(error));
  }
});

/**
 * Returns the handler `<file>.<export>`. The file extensions and the errors are those of the Node.js
 * runtime interface client.
 */
async function loadHandler() {
  const [file = '', name = ''] = handler.split('.');
  const path = ['.js', '.mjs', '.cjs'].map((extension) => `${folder}/${file}${extension}`).find(existsSync);
  if (!path) throw runtimeError('ImportModuleError', `Error: Cannot find module '${file}'`);
  const { default: ofCommonJs, [name]: handle = ofCommonJs?.[name] } = await import(pathToFileURL(path).href);
  if (typeof handle === 'function') return handle;
  throw runtimeError('HandlerNotFound', `${handler} is undefined or not exported`);
}

/** @param {string} name @param {string} message */
function runtimeError(name, message) {
  const error = new Error(message);
  error.name = `Runtime.${name}`;
  return error;
}

/**
 * Makes the handler read the time of the services, with which they compare what it writes, such as
 * an expiry. Durations stay real, unless the clock of the services jumps.
 * @param {number} now
 */
function setDate(now) {
  const difference = now - machineDate.now();
  if (!time && Date === machineDate && Math.abs(difference) < 1000) return;
  ahead = difference;
  if (Date !== machineDate) return;
  globalThis.Date = new Proxy(machineDate, {
    construct: (target, parameters, newTarget) =>
      Reflect.construct(target, parameters.length > 0 ? parameters : [servicesNow()], newTarget),
    get: (target, name) => (name === 'now' ? servicesNow : Reflect.get(target, name)),
  });
}

/** @param {InvocationRequest} request */
function contextOf({ requestId, deadline }) {
  const { env } = process;
  return {
    awsRequestId: requestId,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - (jumps ? Date : machineDate).now(),
  };
}

/** @param {unknown} answer @returns {InvocationResult} */
function success(answer) {
  const payload = JSON.stringify(answer) ?? 'null';
  if (Buffer.byteLength(payload) <= MAXIMUM_RESPONSE_BYTES) return { ok: true, payload };
  return {
    ok: false,
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAXIMUM_RESPONSE_BYTES} bytes).`,
    trace: [],
  };
}

/** @param {unknown} error @returns {FailedInvocation} */
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

/** @param {WorkerMessage} message */
function send(message) {
  parentPort?.postMessage(message);
}

/**
 * Fails the running invocation and ends the environment, whose state is unknown.
 * @param {unknown} error
 * @param {number} status
 */
function die(error, status) {
  send({ fatal: failure(error) });
  process.exit(status);
}
