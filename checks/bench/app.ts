import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod/mini';
import { processTree } from './process-tree.ts';

const Throttles = z.object({ UNTHROTTLED: z.array(z.string()) });
const Outputs = z.object({ ApiUrl: z.string(), WebSocketUrl: z.string() });

/** A state of this repository in a folder of its own, which is used from outside only. */
export interface App {
  folder: string;
  /** The options of `npm start` that raise the throttles above the load of the bench. */
  unthrottled: string[];
}

/**
 * Returns the app in a folder.
 * @throws {Error} if the folder has no file `unthrottled.ts`, which all commits with a bench have
 */
export async function appIn(folder: string): Promise<App> {
  const files = execFileSync('git', ['ls-files', '*unthrottled.ts'], { cwd: folder, encoding: 'utf8' });
  const [file] = files.trim().split('\n');
  if (!file) throw new Error(`${folder} has no unthrottled.ts, so its throttles would be measured.`);
  const { UNTHROTTLED } = Throttles.parse(await import(pathToFileURL(resolve(folder, file)).href));
  return { folder, unthrottled: UNTHROTTLED };
}

/** An app that `npm start` runs, on free ports and with new data. */
export class RunningApp {
  /** The process of the local cloud, without npm. */
  readonly pid: number;
  readonly url: string;
  readonly webSocketUrl: string;
  /** The time from the command to the line `Ready in`, in milliseconds. */
  readonly readyAfter: number;
  readonly #ended: Promise<unknown>;

  private constructor(
    pid: number,
    { ApiUrl, WebSocketUrl }: z.infer<typeof Outputs>,
    readyAfter: number,
    ended: Promise<unknown>,
  ) {
    this.pid = pid;
    this.url = ApiUrl;
    this.webSocketUrl = WebSocketUrl;
    this.readyAfter = readyAfter;
    this.#ended = ended;
  }

  /**
   * Starts an app and waits until it is ready.
   * @param environment additional variables of its process
   * @throws {Error} with the output, if it ends instead
   */
  static async start(
    { folder, unthrottled }: App,
    environment: Record<string, string> = {},
    options: string[] = [],
  ): Promise<RunningApp> {
    const data = await mkdtemp(join(tmpdir(), 'bench-data-'));
    const ports = ['port', 'aws-port', 'page-port'].flatMap((name) => [`--${name}`, '0']);
    const started = performance.now();
    const npm = spawn('npm', ['start', '--', ...ports, '--data', data, ...unthrottled, ...options], {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(npm, 'close').then(() => rm(data, { recursive: true, force: true }));
    let output = '';
    const ready = new Promise<void>((resolve) => {
      for (const stream of [npm.stdout, npm.stderr])
        stream.on('data', (chunk) => {
          output += output.includes('Ready in') ? '' : chunk;
          if (output.includes('Ready in')) resolve();
        });
    });
    await Promise.race([ready, ended]);
    const readyAfter = performance.now() - started;
    const [, url] = /REST API +(\S+)/.exec(output) ?? [];
    const server = serverOf(npm.pid ?? 0);
    if (url === undefined || server === undefined)
      throw new Error(`npm start in ${folder} ended with ${npm.exitCode}:\n${output}`);
    const outputs = Outputs.parse(await (await fetch(`${url}/_local/outputs`)).json());
    return new RunningApp(server, outputs, readyAfter, ended);
  }

  /** Stops the process as Ctrl-C does and deletes its data. Returns the time in milliseconds. */
  async stop(): Promise<number> {
    const started = performance.now();
    process.kill(this.pid, 'SIGINT');
    await this.#ended;
    return performance.now() - started;
  }
}

/** Returns the process that npm runs, which can be the child of a shell. */
function serverOf(npm: number): number | undefined {
  return processTree(npm).find(
    ({ pid, command }) => pid !== npm && !/(^|\/)(sh|dash|bash|zsh)$/.test(command),
  )?.pid;
}
