import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Picture } from './architecture-layout.ts';
import { type Arrow, allPlaces, placesTo } from './picture-keys.ts';

interface PictureFocus {
  svg: RefObject<SVGSVGElement | null>;
  onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * Makes the picture one tab stop, in which the arrow keys follow the flow. Elements that can have
 * the focus have the attribute `data-key`.
 */
export function usePictureFocus(picture: Picture, selected: string | undefined): PictureFocus {
  const svg = useRef<SVGSVGElement>(null);
  const [focused, setFocused] = useState<string>();
  const places = allPlaces(picture);
  const [first] = picture.lines;
  const stop = [focused, selected, first?.key].find((key) => key !== undefined && places.includes(key));
  const focus = (keys: readonly string[]): boolean => {
    const found = keys
      .map((key) => svg.current?.querySelector<SVGElement>(`[data-key="${CSS.escape(key)}"]`))
      .find((element) => element);
    found?.focus();
    found?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    return found !== undefined;
  };
  useEffect(() => {
    // A browser takes an SVG element that listens to the focus for one that can have it.
    const around = svg.current?.parentElement;
    const onFocus = ({ target }: FocusEvent): void => {
      const key = target instanceof SVGElement ? target.dataset.key : undefined;
      if (key !== undefined) setFocused(key);
    };
    around?.addEventListener('focusin', onFocus);
    return () => around?.removeEventListener('focusin', onFocus);
  }, []);
  // Preact does not know `tabIndex` in SVG, where the case of attributes counts.
  useLayoutEffect(() => {
    for (const element of svg.current?.querySelectorAll<SVGElement>('[data-key]') ?? [])
      element.setAttribute('tabindex', element.dataset.key === stop ? '0' : '-1');
  });
  return {
    svg,
    onKeyDown(event) {
      if (event.altKey || event.ctrlKey || event.metaKey || stop === undefined) return;
      const { key } = event;
      const keys =
        key === 'Home'
          ? places
          : key === 'End'
            ? places.toReversed()
            : isArrow(key)
              ? placesTo(picture, stop, key)
              : [];
      if (focus(keys)) event.preventDefault();
    },
  };
}

function isArrow(key: string): key is Arrow {
  return ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'].includes(key);
}
