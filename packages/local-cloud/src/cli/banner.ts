import type { LocalUrls } from '../cloud/localize.ts';
import type { ExampleCommand } from './config.ts';

/**
 * Returns the text that the start prints once the cloud is ready: the URLs of the stack, and the
 * app's own commands.
 * @param readyAfterMs the duration of the start, in milliseconds
 */
export function banner(urls: LocalUrls, commands: ExampleCommand[], readyAfterMs: number): string {
  const places: [string, string | undefined][] = [
    ['Web page', urls.webPage],
    ['Flow view', `${urls.local}/_local/`],
    ['Inbox', `${urls.local}/_local/inbox`],
    ['REST API', urls.restApi],
    ['WebSocket API', urls.webSocketApi],
    ['AWS endpoint', urls.aws],
  ];
  const lines = [
    ...places.flatMap(([name, url]) => (url === undefined ? [] : `  ${name.padEnd(13)}  ${url}`)),
    '',
    ...commands.flatMap(({ title, command }) => [`  ${title}:`, `    ${command}`]),
    ...(commands.length > 0 ? [''] : []),
    `Ready in ${(readyAfterMs / 1000).toFixed(1)} s. Ctrl-C stops it.`,
  ];
  return `\n${lines.join('\n')}\n`;
}
