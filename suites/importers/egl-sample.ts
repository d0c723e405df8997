import type { Ladder, SharedFrame } from '../board.ts';
import type { Cell } from '../cell.ts';
import { contentFor } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import type { EglSession } from '../kernel/egl-display.ts';
import {
  clearGlErrors,
  GL_TEXTURE_2D,
  GL_TEXTURE_EXTERNAL_OES,
  generateTexture,
  imageToTexture,
  remove,
} from '../kernel/gles.ts';
import type { Picture } from './egl-canvas.ts';
import { controlOf } from './egl-control.ts';
import { type ImportWay, importFrame } from './egl-image.ts';
import { draw, look } from './egl-look.ts';
import { writeFrame } from './frame-memory.ts';

/** Imports the frame as a texture. The rungs `egl-image` and `texture`. */
export function frameTexture(
  session: EglSession,
  frame: SharedFrame,
  way: ImportWay,
  ladder: Ladder,
): Picture {
  const image = ladder.stage('egl-image', () => importFrame(session, frame, way, ladder));
  const target = way.external ? GL_TEXTURE_EXTERNAL_OES : GL_TEXTURE_2D;
  const texture = ladder.stage('texture', () => {
    clearGlErrors();
    const name = generateTexture(target);
    ladder.cleanup(() => remove('deleteTextures', name));
    imageToTexture(target, image);
    return name;
  });
  const { width, height } = frame.layout;
  return { texture, target, width, height };
}

/**
 * Samples the frame and compares what was seen. It is written after the import: on a heap's buffer
 * the sync calls act on attached devices alone, and udmabuf's import flushes nothing any more.
 */
export function sample(
  session: EglSession,
  cell: Cell,
  frame: SharedFrame,
  way: ImportWay,
  yuvTolerance: number,
  ladder: Ladder,
): void {
  const { layout } = frame;
  const { format, width, height } = layout;
  const picture = frameTexture(session, frame, way, ladder);
  const content = contentFor(cell, layout, nextNonce());
  writeFrame(frame, ladder, (memory) => content.write(memory));
  const sight = { picture, content, format };
  ladder.stage('draw', () => draw(session, sight));
  const seen = ladder.stage('readback', () => look(session, sight));
  ladder.stage('verify', () => {
    if (seen.sparse) ladder.note('all pixels read back, 4 bytes of each 64-byte line sampled');
    const facts = seen.compare(yuvTolerance);
    const control = controlOf(session, format, width, height, facts.wrong > 0);
    ladder.verified({ ...facts, control });
  });
}
