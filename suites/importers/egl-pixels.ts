import type { PixelFormat } from '../formats.ts';
import type { EglSession } from '../kernel/egl-display.ts';
import { GL_UNSIGNED_BYTE, GL_UNSIGNED_SHORT } from '../kernel/gles.ts';

/** How glTexImage2D takes, and glReadPixels gives, a format's bytes as they are in memory. */
export interface GlPixels {
  readonly internal: number;
  readonly format: number;
  readonly type: number;
  /** The extension that brings the upload; null where OpenGL ES 3 does. */
  readonly extension: string | null;
  /** The extension that allows to read it from any framebuffer; null: where the framebuffer offers it. */
  readonly readExtension: string | null;
}

const GL_BGRA = 0x80e1;
const GL_RED = 0x1903;
const GL_RG = 0x8227;
const BGRA8888 = 'GL_EXT_texture_format_BGRA8888';
const READ_BGRA = 'GL_EXT_read_format_bgra';
const NORM16 = 'GL_EXT_texture_norm16';

const row = (
  internal: number,
  format: number,
  type: number,
  extension: string | null,
  readExtension: string | null = null,
): GlPixels => ({ internal, format, type, extension, readExtension });

const BGRA = row(GL_BGRA, GL_BGRA, GL_UNSIGNED_BYTE, BGRA8888, READ_BGRA);

/** By format name. YUV has none: glTexImage2D knows no YUV. */
const PIXELS: ReadonlyMap<string, GlPixels> = new Map([
  ['XR24', BGRA],
  ['AR24', BGRA],
  ['R8', row(0x8229, GL_RED, GL_UNSIGNED_BYTE, null)],
  ['GR88', row(0x822b, GL_RG, GL_UNSIGNED_BYTE, null)],
  ['R16', row(0x822a, GL_RED, GL_UNSIGNED_SHORT, NORM16)],
  ['GR32', row(0x822c, GL_RG, GL_UNSIGNED_SHORT, NORM16)],
]);

/** GL's words for the format; null where this context's glTexImage2D does not take it. */
export function glPixels(session: EglSession, { name }: PixelFormat): GlPixels | null {
  const found = PIXELS.get(name);
  if (!found) return null;
  const { extension } = found;
  const known = extension === null ? session.version >= 3 : session.glExtensions.has(extension);
  return known ? found : null;
}
