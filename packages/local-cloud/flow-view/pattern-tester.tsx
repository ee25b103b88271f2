import { useState } from 'preact/hooks';
import { PatternTest } from '../src/core/node-contents.ts';
import { jsonText, parsedJson } from './json-text.ts';
import { call, messageOf } from './local-api.ts';

const EXAMPLE = {
  source: 'shop',
  'detail-type': 'OrderPlaced',
  detail: {},
};

/** Renders a box that tests an event against the pattern of a rule. */
export function PatternTester({
  path,
  newest = EXAMPLE,
}: {
  path: string;
  /** The newest event that reached the rule, if there is one. */
  newest: unknown;
}) {
  const [text, setText] = useState(() => jsonText(newest));
  const [answer, setAnswer] = useState<PatternTest | { error: string }>();
  const parsed = parsedJson(text);
  const test = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!('value' in parsed)) return;
    setAnswer(
      await call('POST', path, PatternTest, parsed.value).catch((error: unknown) => ({
        error: messageOf(error),
      })),
    );
  };
  return (
    <form onSubmit={test}>
      <label class="field">
        Test an event
        <textarea
          rows={7}
          spellcheck={false}
          value={text}
          aria-invalid={'error' in parsed}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setAnswer(undefined);
          }}
        />
      </label>
      {'error' in parsed && <p class="error">The event is not JSON: {parsed.error}</p>}
      <button type="submit" disabled={'error' in parsed}>
        Test
      </button>
      <p role="status">
        {answer &&
          ('error' in answer ? (
            <span class="error">{answer.error}</span>
          ) : answer.matches ? (
            <b class="ok">The rule matches this event.</b>
          ) : (
            <>
              <b class="failed">The rule does not match this event.</b> {answer.why}
            </>
          ))}
      </p>
    </form>
  );
}
