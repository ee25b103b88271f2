/** The width of the picture, as a multiple of the width of its canvas. */
export type Zoom = number;

const LEAST = 0.25;
const MOST = 4;
const STEP = 1.25;

/** Returns the zoom after a step in or out. */
export function zoomed(zoom: Zoom, to: 'in' | 'out'): Zoom {
  return Math.max(LEAST, Math.min(MOST, to === 'in' ? zoom * STEP : zoom / STEP));
}

interface Size {
  width: number;
  height: number;
}

/** Returns the zoom at which the whole picture is in the canvas, and not larger than drawn. */
export function fittingZoom(picture: Size, canvas: Size): Zoom {
  if (canvas.width <= 0 || canvas.height <= 0) return 1;
  return Math.min(1, (canvas.height * picture.width) / (picture.height * canvas.width));
}
