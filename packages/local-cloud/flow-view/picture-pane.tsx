import type { ComponentChildren } from 'preact';
import * as z from 'zod/mini';
import type { ExampleRequest } from '../src/core/steps.ts';
import type { Picture } from './architecture-layout.ts';
import { Divider, usePaneSize } from './divider.tsx';
import { Legend } from './legend.tsx';
import { PictureCanvas } from './picture-canvas.tsx';
import { useRemembered } from './remembered.ts';

/** Renders the pane of the picture, which can be folded and resized. */
export function PicturePane({
  picture,
  example,
  everything,
  onEverything,
  children,
}: {
  picture: Picture | undefined;
  example: ExampleRequest | undefined;
  everything: boolean;
  onEverything: (everything: boolean) => void;
  children: ComponentChildren;
}) {
  const [folded = false, setFolded] = useRemembered('picture folded', z.boolean());
  const pane = usePaneSize('the picture', { least: 120, most: 1_000, usual: 420 });
  return (
    <>
      <section class="architecture" aria-label="Architecture">
        {!folded && picture && (
          <PictureCanvas picture={picture} height={pane.size} fits={everything}>
            {children}
          </PictureCanvas>
        )}
        <div class="picture-foot">
          <button type="button" aria-expanded={!folded} onClick={() => setFolded(!folded)}>
            {folded ? 'Show the picture' : 'Hide the picture'}
          </button>
          {!folded && <Legend example={example} everything={everything} onEverything={onEverything} />}
        </div>
      </section>
      {!folded && <Divider pane={pane} side="bottom" />}
    </>
  );
}
