import type { ExampleRequest } from '../src/core/steps.ts';

/** Renders the legend of the picture, and the choice of the part that it shows. */
export function Legend({
  example,
  everything,
  onEverything,
}: {
  example: ExampleRequest | undefined;
  everything: boolean;
  onEverything: (everything: boolean) => void;
}) {
  return (
    <div class="legend">
      <span>
        <i class="tray" /> dead-letter queue
      </span>
      <span>
        <i class="read" /> table that is read
      </span>
      <span>
        <i class="runs" /> runs from its own queue
      </span>
      <span>click a hop for its figures and faults, a node for what is in it</span>
      {example && (
        <label>
          <input
            type="checkbox"
            checked={everything}
            onChange={({ currentTarget }) => onEverything(currentTarget.checked)}
          />
          show everything, not only the path of a {example.name}
        </label>
      )}
    </div>
  );
}
