import { contentFor } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import { formatNamed, type PixelFormat } from '../formats.ts';
import type { EglSession } from '../kernel/egl-display.ts';
import { checkGl, GL_TEXTURE_2D, gl } from '../kernel/gles.ts';
import { frameLayout } from '../layout.ts';
import type { VerifyFacts } from '../record.ts';
import { canvasOf, type Picture } from './egl-canvas.ts';
import { draw, look } from './egl-look.ts';
import { glPixels } from './egl-pixels.ts';

/**
 * The pixels (rows without padding) in the session's texture for uploads; null where this context's
 * glTexImage2D does not take the format. @throws StageFailure
 */
export function uploadPixels(
  session: EglSession,
  format: PixelFormat,
  width: number,
  height: number,
  pixels: Buffer,
): Picture | null {
  const way = glPixels(session, format);
  if (!way) return null;
  const texture = canvasOf(session).upload;
  gl().bindTexture(GL_TEXTURE_2D, texture);
  gl().texImage2D(GL_TEXTURE_2D, 0, way.internal, width, height, 0, way.format, way.type, pixels);
  checkGl('glTexImage2D');
  return { texture, target: GL_TEXTURE_2D, width, height };
}

type Control = VerifyFacts['control'];

const controls = new WeakMap<EglSession, Map<string, Control>>();

/**
 * Whether the renderer shows a content rightly that never was in a dma-buf. Measured once for each
 * format and size; `afresh` measures again. Formats that glTexImage2D does not take have XR24 as
 * their control; `none` where it does not take that either. @throws StageFailure
 */
export function controlOf(
  session: EglSession,
  wanted: PixelFormat,
  width: number,
  height: number,
  afresh: boolean,
): Control {
  const format = glPixels(session, wanted) ? wanted : formatNamed('XR24');
  const key = `${format.name} ${width}x${height}`;
  const known = controls.get(session) ?? new Map<string, Control>();
  controls.set(session, known);
  const before = known.get(key);
  if (before !== undefined && !afresh) return before;
  const control = measure(session, format, width, height);
  known.set(key, control);
  return control;
}

function measure(session: EglSession, format: PixelFormat, width: number, height: number): Control {
  const layout = frameLayout(format, width, height);
  const content = contentFor({ format: format.name }, layout, nextNonce());
  if (!content.pixels) return 'none';
  const picture = uploadPixels(session, format, width, height, content.pixels);
  if (!picture) return 'none';
  const sight = { picture, content, format };
  draw(session, sight);
  const { wrong } = look(session, sight).compare(0);
  return wrong === 0 ? 'ok' : 'wrong';
}
