import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Picture } from './architecture-layout.ts';
import { fittingZoom, type Zoom, zoomed } from './zoom.ts';

/**
 * Renders the picture in a canvas that scrolls. Buttons, the keys + − 0 and the wheel with Ctrl
 * zoom; the wheel and a drag of the background move the picture.
 */
export function PictureCanvas({
  picture,
  height,
  fits,
  children,
}: {
  picture: Picture;
  /** The height that the user has set, in pixels. */
  height: number | undefined;
  /** Whether the whole picture is shown at first. */
  fits: boolean;
  children: ComponentChildren;
}) {
  const zoomable = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState<Zoom>();
  const current = (): Zoom => {
    // Until the first zoom, the style of the page decides on the size.
    const drawn = canvas.current?.querySelector('svg')?.clientHeight ?? 0;
    const width = canvas.current?.clientWidth || 1;
    return zoom ?? (drawn * picture.width) / (picture.height * width);
  };
  const fit = (): void => {
    const { clientWidth = 0, clientHeight = 0 } = canvas.current ?? {};
    setZoom(fittingZoom(picture, { width: clientWidth, height: clientHeight - MARGIN }));
  };
  const step = (to: 'in' | 'out'): void => setZoom(zoomed(current(), to));
  useKeptCentre(canvas, zoom);
  useDragged(canvas);
  const latest = useRef({ fit, step });
  latest.current = { fit, step };
  useEffect(() => {
    if (fits) latest.current.fit();
    else setZoom(undefined);
  }, [fits]);
  useEffect(() => {
    const { current } = zoomable;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      latest.current.step(event.deltaY < 0 ? 'in' : 'out');
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '+' || event.key === '=') latest.current.step('in');
      else if (event.key === '-') latest.current.step('out');
      else if (event.key === '0') latest.current.fit();
      else return;
      event.preventDefault();
    };
    current?.addEventListener('wheel', onWheel, { passive: false });
    current?.addEventListener('keydown', onKeyDown);
    return () => {
      current?.removeEventListener('wheel', onWheel);
      current?.removeEventListener('keydown', onKeyDown);
    };
  }, []);
  return (
    <div class="zoomable" ref={zoomable}>
      <fieldset class="zoom">
        <legend class="hidden">Zoom</legend>
        <button type="button" aria-label="Zoom out" onClick={() => step('out')}>
          −
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => step('in')}>
          +
        </button>
        <button type="button" onClick={fit}>
          Fit
        </button>
      </fieldset>
      <div
        class="canvas"
        ref={canvas}
        style={height === undefined ? {} : { '--canvas': `${height}px`, height: `${height}px` }}
      >
        <div class={zoom === undefined ? 'usual' : ''} style={zoom ? { width: `${zoom * 100}%` } : {}}>
          {children}
        </div>
      </div>
    </div>
  );
}

/** The space of the picture's padding, and of a scroll bar that is about to go. */
const MARGIN = 8;

/** Keeps the middle of the canvas where it is when the zoom changes. */
function useKeptCentre(canvas: { current: HTMLElement | null }, zoom: Zoom | undefined): void {
  const last = useRef<{ zoom: Zoom | undefined; x: number; y: number }>({ zoom, x: 0.5, y: 0.5 });
  useLayoutEffect(() => {
    const { current } = canvas;
    if (!current || last.current.zoom === zoom) return;
    current.scrollLeft = last.current.x * current.scrollWidth - current.clientWidth / 2;
    current.scrollTop = last.current.y * current.scrollHeight - current.clientHeight / 2;
    last.current.zoom = zoom;
  });
  useEffect(() => {
    const { current } = canvas;
    const look = (): void => {
      if (!current) return;
      const x = (current.scrollLeft + current.clientWidth / 2) / (current.scrollWidth || 1);
      const y = (current.scrollTop + current.clientHeight / 2) / (current.scrollHeight || 1);
      last.current = { ...last.current, x, y };
    };
    look();
    current?.addEventListener('scroll', look, { passive: true });
    return () => current?.removeEventListener('scroll', look);
  }, [canvas]);
}

/** Scrolls an element while its background is dragged with a mouse. Touch scrolls by itself. */
function useDragged(element: { current: HTMLElement | null }): void {
  useEffect(() => {
    const { current } = element;
    const onDown = (event: PointerEvent): void => {
      const isLink = event.target instanceof Element && event.target.closest('a');
      if (event.pointerType !== 'mouse' || event.button !== 0 || isLink) return;
      current?.setPointerCapture(event.pointerId);
    };
    const onMove = (event: PointerEvent): void => {
      if (current?.hasPointerCapture(event.pointerId)) current.scrollBy(-event.movementX, -event.movementY);
    };
    current?.addEventListener('pointerdown', onDown);
    current?.addEventListener('pointermove', onMove);
    return () => {
      current?.removeEventListener('pointerdown', onDown);
      current?.removeEventListener('pointermove', onMove);
    };
  }, [element]);
}
