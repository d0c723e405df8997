import { type Ladder, type SharedFrame, StageFailure } from '../board.ts';
import type { PixelFormat } from '../formats.ts';
import { gemClose, primeFdToHandle } from '../kernel/drm.ts';
import { openDrmNode } from '../kernel/drm-node.ts';
import {
  createDmaBufImage,
  type DmaBufModifier,
  destroyImage,
  dmaBufFormats,
  dmaBufModifiers,
} from '../kernel/egl.ts';
import type { EglSession } from '../kernel/egl-display.ts';
import { Errno } from '../kernel/errno.ts';
import { closeFd } from '../kernel/syscalls.ts';
import { KERNEL_REFUSES, KERNEL_TAKES } from '../wording.ts';

/** How a display takes one format. */
export interface ImportWay {
  /** Only as an external texture: it can be sampled, and not drawn into. */
  readonly external: boolean;
  /** The modifier to name in the attributes; null where the driver is to find out for itself. */
  readonly modifier: bigint | null;
}

const MODIFIERS = 'EGL_EXT_image_dma_buf_import_modifiers';

interface Offer {
  readonly formats: ReadonlySet<number>;
  readonly modifiers: Map<number, readonly DmaBufModifier[]>;
}

const offers = new WeakMap<EglSession, Offer>();

/** How the display takes that format and layout. @throws StageFailure `unsupported` where it is not offered */
export function importWay(
  session: EglSession,
  format: PixelFormat,
  modifier: bigint | null,
): ImportWay {
  // Without the extension nothing is listed: then the import itself is the only question to ask.
  if (!session.extensions.has(MODIFIERS))
    return { external: format.model === 'yuv', modifier: null };
  let offer = offers.get(session);
  if (!offer) {
    offer = { formats: dmaBufFormats(session.display), modifiers: new Map() };
    offers.set(session, offer);
  }
  if (!offer.formats.has(format.code)) {
    const what = `${format.name} is not among the display's dma-buf formats`;
    throw new StageFailure('unsupported', null, what);
  }
  let listed = offer.modifiers.get(format.code);
  if (!listed) {
    listed = dmaBufModifiers(session.display, format.code);
    offer.modifiers.set(format.code, listed);
  }
  const named = listed.find((entry) => entry.modifier === modifier);
  if (named) return { external: named.externalOnly || format.model === 'yuv', modifier };
  const external = listed.length > 0 && listed.every((entry) => entry.externalOnly);
  return { external: external || format.model === 'yuv', modifier: null };
}

const EGL_WIDTH = 0x3057;
const EGL_HEIGHT = 0x3056;
const LINUX_DRM_FOURCC = 0x3271;
/** Per plane: fd, offset, pitch, modifier's low and high half (EGL/eglext.h). */
const PLANES = [
  [0x3272, 0x3273, 0x3274, 0x3443, 0x3444],
  [0x3275, 0x3276, 0x3277, 0x3445, 0x3446],
  [0x3278, 0x3279, 0x327a, 0x3447, 0x3448],
] as const;
// Given although they are Mesa's default, so that no other default can creep in.
const BT601_NARROW = [0x327b, 0x327f, 0x327c, 0x3283] as const;

function attributesOf({ fd, layout }: SharedFrame, modifier: bigint | null): number[] {
  const { format, width, height } = layout;
  const list = [EGL_WIDTH, width, EGL_HEIGHT, height, LINUX_DRM_FOURCC, format.code];
  layout.planes.forEach(({ offset, stride }, index) => {
    const names = PLANES[index];
    if (!names) throw new RangeError(`${format.name} has more than ${PLANES.length} planes`);
    const [fdName, offsetName, pitchName, low, high] = names;
    list.push(fdName, fd, offsetName, offset, pitchName, stride);
    if (modifier !== null)
      list.push(low, Number(modifier & 0xffffffffn), high, Number(modifier >> 32n));
  });
  if (format.model === 'yuv') list.push(...BT601_NARROW);
  return list;
}

/** Imports the frame; the image is destroyed at the cell's end. To be called inside `egl-image`. @throws StageFailure */
export function importFrame(
  session: EglSession,
  frame: SharedFrame,
  way: ImportWay,
  ladder: Ladder,
): number | bigint {
  const named =
    way.modifier === null ? 'no modifier named' : `modifier 0x${way.modifier.toString(16)}`;
  try {
    const image = createDmaBufImage(session.display, attributesOf(frame, way.modifier));
    ladder.cleanup(() => destroyImage(session.display, image));
    ladder.note(named);
    return image;
  } catch (error) {
    if (!(error instanceof StageFailure) || error.kind !== 'failed') throw error;
    const why = error.errno === 'EGL_BAD_ALLOC' ? `; ${whoRefused(session, frame)}` : '';
    throw new StageFailure('failed', error.errno, `${error.message}, ${named}${why}`);
  }
}

/**
 * EGL_BAD_ALLOC is all that Mesa says, whether the kernel refused the memory or Mesa the layout. The
 * kernel is asked once more, through a file of its own: on Mesa's the handle would be Mesa's too.
 */
function whoRefused(session: EglSession, frame: SharedFrame): string {
  if (session.node === null) return "no kernel driver is asked: it is Mesa's own refusal";
  const fd = openDrmNode(session.node, 'this importer');
  try {
    gemClose(fd, primeFdToHandle(fd, frame.fd));
    return `${KERNEL_TAKES} (PRIME_FD_TO_HANDLE on ${session.node}): it is Mesa's rule for ${layoutWords(frame)}`;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return `${KERNEL_REFUSES}: ${error.message} on ${session.node}`;
  } finally {
    closeFd(fd);
  }
}

function layoutWords({ layout, size }: SharedFrame): string {
  const planes = layout.planes.map(({ offset, stride }) => `${stride} at ${offset}`).join(', ');
  return `format, strides and offsets (${planes}) or size (${size} bytes)`;
}
