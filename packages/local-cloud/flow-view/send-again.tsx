import { useState } from 'preact/hooks';
import { type SendTarget, Sent } from '../src/core/steps.ts';
import { jsonText, parsedJson } from './json-text.ts';
import { call, messageOf } from './local-api.ts';
import { linkTo } from './selection.ts';

/** Renders a form that sends an event or a dead letter to one target again, edited or not. */
export function SendAgain({
  targets,
  usual,
  payload,
}: {
  targets: readonly SendTarget[];
  /** The ID of the original target, if it is known. */
  usual: string | undefined;
  payload: unknown;
}) {
  const [text, setText] = useState(() => jsonText(payload));
  const [target, setTarget] = useState(usual ?? '');
  const [answer, setAnswer] = useState<{ trace: string } | { error: string }>();
  const parsed = parsedJson(text);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!('value' in parsed)) return;
    const sent = await call('POST', '/_local/flow/send', Sent, { target, payload: parsed.value }).catch(
      (error: unknown) => ({ error: messageOf(error) }),
    );
    setAnswer(sent);
  };
  return (
    <details class="send-again">
      <summary>Send again</summary>
      <form onSubmit={send}>
        <label class="field">
          To
          <select value={target} onChange={({ currentTarget }) => setTarget(currentTarget.value)}>
            <option value="" disabled>
              Choose a target
            </option>
            {targets.map(({ id, label, rule }) => (
              <option key={id} value={id}>
                {rule === undefined ? label : `${label}, as a target of ${rule}`}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Payload
          <textarea
            rows={12}
            spellcheck={false}
            value={text}
            aria-invalid={'error' in parsed}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        {'error' in parsed && <p class="error">The payload is not JSON: {parsed.error}</p>}
        <button type="submit" disabled={'error' in parsed || target === ''}>
          Send
        </button>
        <p role="status">
          {answer && 'trace' in answer && (
            <>
              Sent. <a href={linkTo({ trace: answer.trace })}>Show the trace</a>
            </>
          )}
          {answer && 'error' in answer && <span class="error">{answer.error}</span>}
        </p>
      </form>
    </details>
  );
}
