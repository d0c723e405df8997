import { contentFor, type FrameContent } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import type { Sampled } from '../content/sampling.ts';
import { formatNamed, type PixelFormat } from '../formats.ts';
import type { EglSession } from '../kernel/egl-display.ts';
import { checkGl, GL_TEXTURE_2D, GL_UNSIGNED_BYTE, GL_UNSIGNED_SHORT, gl } from '../kernel/gles.ts';
import { frameLayout } from '../layout.ts';
import type { VerifyFacts } from '../record.ts';
import { canvasOf, type Picture } from './egl-canvas.ts';

/** How glTexImage2D takes a format's bytes as they are in memory. */
interface Upload {
  readonly internal: number;
  readonly format: number;
  readonly type: number;
  /** The extension that brings it; null where OpenGL ES 3 does. */
  readonly extension: string | null;
}

const GL_BGRA = 0x80e1;
const GL_RED = 0x1903;
const GL_RG = 0x8227;
const BGRA8888 = 'GL_EXT_texture_format_BGRA8888';
const NORM16 = 'GL_EXT_texture_norm16';

const upload = (
  internal: number,
  format: number,
  type: number,
  extension: string | null,
): Upload => ({ internal, format, type, extension });

/** By format name. YUV has none: glTexImage2D knows no YUV. */
const UPLOADS: ReadonlyMap<string, Upload> = new Map([
  ['XR24', upload(GL_BGRA, GL_BGRA, GL_UNSIGNED_BYTE, BGRA8888)],
  ['AR24', upload(GL_BGRA, GL_BGRA, GL_UNSIGNED_BYTE, BGRA8888)],
  ['R8', upload(0x8229, GL_RED, GL_UNSIGNED_BYTE, null)],
  ['GR88', upload(0x822b, GL_RG, GL_UNSIGNED_BYTE, null)],
  ['R16', upload(0x822a, GL_RED, GL_UNSIGNED_SHORT, NORM16)],
  ['GR32', upload(0x822c, GL_RG, GL_UNSIGNED_SHORT, NORM16)],
]);

function uploadFor(session: EglSession, format: PixelFormat): Upload | null {
  const found = UPLOADS.get(format.name);
  if (!found) return null;
  const { extension } = found;
  const known = extension === null ? session.version >= 3 : session.glExtensions.has(extension);
  return known ? found : null;
}

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
  const way = uploadFor(session, format);
  if (!way) return null;
  const texture = canvasOf(session).upload;
  gl().bindTexture(GL_TEXTURE_2D, texture);
  gl().texImage2D(GL_TEXTURE_2D, 0, way.internal, width, height, 0, way.format, way.type, pixels);
  checkGl('glTexImage2D');
  return { texture, target: GL_TEXTURE_2D, width, height };
}

/** Which texels the session samples: to leave any out takes arithmetic that OpenGL ES 2 does not promise. */
export function sampledBy({ version }: EglSession, content: FrameContent): Sampled {
  return content.sampled(version === 2);
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
  const format = uploadFor(session, wanted) ? wanted : formatNamed('XR24');
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
  const canvas = canvasOf(session);
  const sampled = sampledBy(session, content);
  canvas.drawSampled(picture, sampled, format);
  const { wrong } = sampled.compare(canvas.read(sampled), 0);
  return wrong === 0 ? 'ok' : 'wrong';
}
