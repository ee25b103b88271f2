import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundling } from '../../bin/bundle-handlers.ts';
import type { Call } from './calls-of-a-post.ts';
import { type CpuTimes, cpuTimes } from './cpu-time.ts';
import type { Loadable } from './loads.ts';
import type { ThreadNames } from './thread-names.ts';

/** The modules of the SDK that are not named for the prefix of the service's permissions. */
const MODULES: Record<string, string> = { events: 'eventbridge', 'execute-api': 'apigatewaymanagementapi' };

/** A function of the floor: its name, its calls for one post, and the number of its threads. */
export interface FloorFunction {
  name: string;
  calls: readonly Call[];
  environments: number;
}

/**
 * The limit: worker threads that make the calls of a post, and a server in the main thread that
 * answers each call at once. A local cloud with these threads and these calls cannot use less CPU
 * time.
 */
export class Floor implements Loadable<void> {
  readonly #child: ChildProcess;
  readonly #names: ThreadNames;

  private constructor(child: ChildProcess, names: ThreadNames) {
    this.#child = child;
    this.#names = names;
  }

  /**
   * Bundles the functions as handlers are bundled, and starts the process.
   * @param folder for the bundles
   */
  static async start(
    folder: string,
    functions: readonly FloorFunction[],
    names: ThreadNames,
  ): Promise<Floor> {
    const files = await Promise.all(
      functions.map(async ({ name, calls, environments }) => {
        const file = join(folder, `${name}.calls.mjs`);
        const contents = await sourceOf(calls);
        await build({ ...bundling, stdin: { contents, resolveDir: resolve('.') }, outfile: file });
        return { name, file, environments };
      }),
    );
    const child = fork('checks/bench/floor-process.ts', [JSON.stringify(files)], {
      execArgv: ['--import', 'tsx/esm'],
      env: { ...process.env, ...names.environment },
    });
    const floor = new Floor(child, names);
    await floor.#done();
    return floor;
  }

  async load(posts: number, atOnce: number): Promise<void> {
    this.#child.send({ posts, atOnce });
    await this.#done();
  }

  cpu(): CpuTimes {
    const { pid = 0 } = this.#child;
    return cpuTimes(pid, this.#names.of(pid));
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }

  /** @throws {Error} if the process ends, e.g. because a call failed */
  async #done(): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const ended = once(this.#child, 'exit', { signal }).then(([code]) => {
      throw new Error(`The floor ended with ${code}.`);
    });
    try {
      await Promise.race([once(this.#child, 'message', { signal }), ended]);
    } finally {
      ended.catch(() => {});
      controller.abort();
    }
  }
}

/** Returns the source of a module that makes these calls with the settings of the handlers. */
export async function sourceOf(calls: readonly Call[]): Promise<string> {
  const services = [...new Set(calls.map(({ service }) => service))];
  const imports = services.map(async (service) => {
    const module = `@aws-sdk/client-${MODULES[service] ?? service}`;
    const client = Object.keys(await import(module)).find((name) => /^[A-Z]\w*Client$/.test(name));
    const commands = calls.flatMap((call) => (call.service === service ? `${call.operation}Command` : []));
    const names = [...new Set(commands)].map((name) => `${name} as ${prefix(service)}${name}`);
    return `import { ${client} as ${prefix(service)}Client, ${names.join(', ')} } from '${module}';
      const ${prefix(service)} = new ${prefix(service)}Client(sdkSettings);`;
  });
  const sends = calls.map((call) => {
    const { service, operation } = call;
    return `() => ${prefix(service)}.send(new ${prefix(service)}${operation}Command(${JSON.stringify(inputOf(call))}))`;
  });
  return `import { serve } from './checks/bench/floor-function.ts';
    import { sdkSettings } from './lambdas/runtime/sdk-settings.ts';
    ${(await Promise.all(imports)).join('\n')}
    serve([${sends.join(', ')}]);`;
}

/** Returns the service's name as the beginning of an identifier. */
function prefix(service: string): string {
  return `${service.replaceAll('-', '_')}_`;
}

/** Returns the input of a command. The body of most calls is their input. */
function inputOf({ operation, payload }: Call): unknown {
  return operation === 'PostToConnection'
    ? { ConnectionId: 'floor', Data: JSON.stringify(payload) }
    : payload;
}
