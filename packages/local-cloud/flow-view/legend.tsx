import type { ExampleRequest } from '../src/core/steps.ts';

/** The signs of the picture, and the choice of what it shows. */
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
      <span>click a hop: its figures, and faults to switch on</span>
      {example && (
        <label>
          <input
            type="checkbox"
            checked={everything}
            onChange={({ currentTarget }) => onEverything(currentTarget.checked)}
          />
          show all, not only the way of a {example.name}
        </label>
      )}
    </div>
  );
}
