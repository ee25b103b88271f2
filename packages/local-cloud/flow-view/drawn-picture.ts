import { useMemo, useState } from 'preact/hooks';
import type { Architecture } from '../src/core/steps.ts';
import { architecturePicture, type Picture, wayOfRequest } from './architecture-layout.ts';

export interface DrawnPicture {
  picture: Picture | undefined;
  /** Whether the whole architecture is drawn, and not only the path of the example request. */
  everything: boolean;
  onEverything: (everything: boolean) => void;
}

/** Returns the picture of the chosen part of an architecture. */
export function useDrawnPicture(architecture: Architecture | undefined): DrawnPicture {
  const [everything, onEverything] = useState(false);
  const picture = useMemo(() => {
    if (!architecture) return undefined;
    const { example } = architecture;
    return architecturePicture(everything || !example ? architecture : wayOfRequest(architecture, example));
  }, [architecture, everything]);
  return { picture, everything, onEverything };
}
