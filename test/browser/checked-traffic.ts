import type { Page } from 'playwright-core';
import type { CloudClient } from '../../testing/cloud-client.ts';
import { ContractViolation, checkAnswer, checkMessage } from '../../testing/contract.ts';

/**
 * Validates each response of the REST API and each message on the WebSocket that a page receives
 * from now on against the documents in `docs/api`.
 * @param violations receives the differences
 */
export function checkTraffic(page: Page, { url, webSocketUrl }: CloudClient, violations: string[]): void {
  page.on('response', async (response) => {
    if (!response.url().startsWith(`${url}/`)) return;
    const path = response.url().slice(url.length);
    // The body is lost if the page has been left or closed.
    const [headers, body] = await Promise.all([response.allHeaders(), response.text()]).catch(() => []);
    if (headers === undefined || body === undefined) return;
    collect(violations, () =>
      checkAnswer(response.request().method(), path, {
        status: response.status(),
        headers: new Headers(headers),
        body,
      }),
    );
  });
  page.on('websocket', (socket) => {
    if (!socket.url().startsWith(webSocketUrl)) return;
    socket.on('framereceived', ({ payload }) => collect(violations, () => checkMessage(payload.toString())));
  });
}

function collect(violations: string[], check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ContractViolation)) throw error;
    violations.push(error.message);
  }
}
