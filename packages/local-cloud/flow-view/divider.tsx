import { useRef } from 'preact/hooks';
import * as z from 'zod/mini';
import { useRemembered } from './remembered.ts';

/** The number of pixels by which an arrow key moves a divider. */
const STEP = 16;

/** The size of a pane in pixels, as the user has set it. */
export interface PaneSize {
  name: string;
  least: number;
  most: number;
  usual: number;
  /** Absent if the user has not set it. */
  size: number | undefined;
  setSize: (size: number | undefined) => void;
}

/** Returns the size of a pane, which the browser remembers. */
export function usePaneSize(name: string, limits: Pick<PaneSize, 'least' | 'most' | 'usual'>): PaneSize {
  const [size, setSize] = useRemembered(name, z.number());
  return { name, ...limits, size, setSize };
}

/**
 * Renders a divider that changes the size of a pane by pointer or arrow keys. Home and End set the
 * limits, and Enter or a double click the usual size.
 */
export function Divider({
  pane: { name, least, most, usual, size = usual, setSize },
  side,
}: {
  pane: PaneSize;
  /** The side of the pane on which the divider is. */
  side: 'right' | 'left' | 'bottom';
}) {
  const drag = useRef<{ from: number; size: number }>(undefined);
  const isUpright = side !== 'bottom';
  const sign = side === 'left' ? -1 : 1;
  const set = (next: number): void => setSize(Math.round(Math.max(least, Math.min(most, next))));
  const onKeyDown = (event: KeyboardEvent): void => {
    const [less, more] = isUpright ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key === less) set(size - sign * STEP);
    else if (event.key === more) set(size + sign * STEP);
    else if (event.key === 'Home') set(least);
    else if (event.key === 'End') set(most);
    else if (event.key === 'Enter') setSize(undefined);
    else return;
    event.preventDefault();
  };
  const placeOf = ({ clientX, clientY }: PointerEvent): number => (isUpright ? clientX : clientY);
  return (
    <hr
      class={`divider ${isUpright ? 'upright' : 'level'}`}
      tabIndex={0}
      aria-label={`Size of ${name}`}
      aria-orientation={isUpright ? 'vertical' : 'horizontal'}
      aria-valuenow={size}
      aria-valuemin={least}
      aria-valuemax={most}
      onKeyDown={onKeyDown}
      onDblClick={() => setSize(undefined)}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { from: placeOf(event), size };
      }}
      onPointerMove={(event) => {
        if (drag.current) set(drag.current.size + sign * (placeOf(event) - drag.current.from));
      }}
      onLostPointerCapture={() => {
        drag.current = undefined;
      }}
    />
  );
}
