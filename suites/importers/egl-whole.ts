import { StageFailure } from '../board.ts';
import type { PixelFormat } from '../formats.ts';
import type { EglSession } from '../kernel/egl-display.ts';
import {
  checkGl,
  clearGlErrors,
  framebufferOf,
  GL_TEXTURE_2D,
  getInteger,
  gl,
  remove,
} from '../kernel/gles.ts';
import type { Picture } from './egl-canvas.ts';
import { type GlPixels, glPixels } from './egl-pixels.ts';

const GL_IMPLEMENTATION_COLOR_READ_TYPE = 0x8b9a;
const GL_IMPLEMENTATION_COLOR_READ_FORMAT = 0x8b9b;

/** Buffers by their size, kept: a new one for each large frame would cost as much as the reading. */
const kept = new Map<number, Buffer>();

/**
 * Reads all of a texture by glReadPixels from a framebuffer around it, without a draw: its bytes as
 * they are in memory, rows without padding. To draw every texel of a 1920x1080 frame takes a software
 * renderer on an emulated board most of a second, this a sixtieth part of one.
 * @returns null where the texture cannot be a framebuffer's, or the bytes would come in another order.
 *   The next call overwrites them. @throws StageFailure
 */
export function readWhole(
  session: EglSession,
  { target, texture, width, height }: Picture,
  format: PixelFormat,
): Buffer | null {
  const pixels = glPixels(session, format);
  const group = format.planes[0]?.bytes ?? 0;
  // glReadPixels aligns rows to 4 bytes.
  if (!pixels || target !== GL_TEXTURE_2D || (width * group) % 4 !== 0) return null;
  const framebuffer = framebufferOrNull(texture);
  if (framebuffer === null) return null;
  try {
    if (!gives(session, pixels)) return null;
    const bytes = width * height * group;
    const memory = kept.get(bytes) ?? Buffer.alloc(bytes);
    kept.set(bytes, memory);
    gl().readPixels(0, 0, width, height, pixels.format, pixels.type, memory);
    checkGl('glReadPixels of the texture');
    return memory;
  } finally {
    remove('deleteFramebuffers', framebuffer);
  }
}

function framebufferOrNull(texture: number): number | null {
  try {
    return framebufferOf(texture);
  } catch (error) {
    if (!(error instanceof StageFailure)) throw error;
    clearGlErrors();
    return null;
  }
}

/** Whether the bound framebuffer gives its pixels as they are in memory. */
function gives({ glExtensions }: EglSession, { format, type, readExtension }: GlPixels): boolean {
  if (readExtension !== null) return glExtensions.has(readExtension);
  return (
    getInteger(GL_IMPLEMENTATION_COLOR_READ_FORMAT) === format &&
    getInteger(GL_IMPLEMENTATION_COLOR_READ_TYPE) === type
  );
}
