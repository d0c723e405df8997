import { type Ladder, type SharedFrame, StageFailure } from '../board.ts';
import type { Cell } from '../cell.ts';
import { contentFor } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import type { EglSession } from '../kernel/egl-display.ts';
import { framebufferOf, remove } from '../kernel/gles.ts';
import { canvasOf } from './egl-canvas.ts';
import { controlOf, uploadPixels } from './egl-control.ts';
import type { ImportWay } from './egl-image.ts';
import { frameTexture } from './egl-sample.ts';
import { readFrame } from './frame-memory.ts';

/**
 * Draws into the frame, from an uploaded texture that differs in every pixel, and compares what lies
 * in memory then.
 */
export function render(
  session: EglSession,
  cell: Cell,
  frame: SharedFrame,
  way: ImportWay,
  ladder: Ladder,
): void {
  const { layout } = frame;
  const { format, width, height } = layout;
  const target = frameTexture(session, frame, way, ladder);
  const framebuffer = ladder.stage('framebuffer', () => {
    const name = framebufferOf(target.texture);
    ladder.cleanup(() => remove('deleteFramebuffers', name));
    return name;
  });
  const content = contentFor(cell, layout, nextNonce());
  ladder.stage('draw', () => {
    const picture = content.pixels && uploadPixels(session, format, width, height, content.pixels);
    if (!picture) throw new StageFailure('unsupported', null, `glTexImage2D of ${format.name}`);
    canvasOf(session).copy(picture, framebuffer);
  });
  readFrame(frame, ladder, (memory) => {
    const facts = content.compareDrawn(memory);
    const control = controlOf(session, format, width, height, facts.wrong > 0);
    ladder.verified({ ...facts, control });
  });
}
