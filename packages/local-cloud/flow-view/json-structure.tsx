import { Fragment } from 'preact';
import { jsonParts } from './json-text.ts';

/** Renders a value as indented JSON, with the JSON in its texts as structure too. */
export function JsonStructure({ value }: { value: unknown }) {
  return (
    <pre>
      {jsonParts(value).map((part, index) => (
        <Fragment key={index}>
          {part === 'text' ? (
            <span class="badge" title="It is a text with this JSON in it.">
              JSON in a text
            </span>
          ) : (
            part.json
          )}
        </Fragment>
      ))}
    </pre>
  );
}
