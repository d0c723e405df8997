import { type Ladder, type SharedFrame, StageFailure } from '../board.ts';
import { Errno } from '../kernel/errno.ts';
import type { FrameLayout } from '../layout.ts';
import { OWN_MEMORY_AS_WELL } from '../wording.ts';
import type { KmsDevice } from './kms-device.ts';
import { type OwnFramebuffer, ownFramebufferLike } from './kms-dumb.ts';

/** The asker may not, or not now: the picture was not even looked at. */
const OF_THE_ASKER = new Set(['EACCES', 'EPERM', 'EBUSY']);

/**
 * Tries the frame out; where the display refuses it, the same picture in the display's own memory has
 * to pass, or the refusal says nothing of the frame's memory.
 * @throws Errno of the frame, StageFailure unsupported where its own memory fails likewise
 */
export function withControl(
  device: KmsDevice,
  frame: SharedFrame,
  framebuffer: number,
  tryOut: (framebuffer: number) => void,
  ladder: Ladder,
): void {
  const refusal = refusalOf(() => tryOut(framebuffer));
  if (!refusal) return;
  if (OF_THE_ASKER.has(refusal.code)) throw refusal;
  const { layout } = frame;
  const own = ownPicture(device, layout, ladder);
  if (own === null) throw refusal;
  const ownRefusal = refusalOf(() => tryOut(own.id));
  const words = differences(frame, own.layout);
  if (ownRefusal?.code === refusal.code)
    throw new StageFailure(
      'unsupported',
      refusal.code,
      `the display refuses ${layout.width}x${layout.height} ${layout.format.name} ` +
        `${OWN_MEMORY_AS_WELL}${words}: ${ownRefusal.message}`,
    );
  ladder.note(
    ownRefusal
      ? `of its own memory the display says ${ownRefusal.code}${words}`
      : `its own memory passes${words}`,
  );
  throw refusal;
}

function refusalOf(body: () => void): Errno | null {
  try {
    body();
    return null;
  } catch (error) {
    if (error instanceof Errno) return error;
    throw error;
  }
}

/** The same picture in a dumb buffer; null, with a note, where there can be none. */
function ownPicture(device: KmsDevice, layout: FrameLayout, ladder: Ladder): OwnFramebuffer | null {
  const { name, model } = layout.format;
  if (model === 'channels') {
    ladder.note(`no control: no dumb buffers of ${name}`);
    return null;
  }
  try {
    return ownFramebufferLike(device, layout, ladder);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    ladder.note(`no control: ${error.message}`);
    return null;
  }
}

/** What else the two pictures differ in: a dumb buffer is linear, and its stride is the driver's. */
function differences({ layout, modifier }: SharedFrame, own: FrameLayout): string {
  const [stride, ownStride] = [layout, own].map(({ planes }) => planes[0]?.stride);
  const words = [
    ...(stride === ownStride ? [] : [`stride ${ownStride}, the frame's is ${stride}`]),
    ...(modifier ? [`linear, the frame's modifier is 0x${modifier.toString(16)}`] : []),
  ];
  return words.length ? ` (${words.join('; ')})` : '';
}
