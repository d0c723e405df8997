import { type Ladder, type SharedFrame, StageFailure } from '../board.ts';
import type { Cell } from '../cell.ts';
import { openDevice } from '../kernel/open-device.ts';
import { closeFd, POLLERR, poll } from '../kernel/syscalls.ts';
import { type SetFormat, setFormat } from '../kernel/v4l2.ts';
import { type Dequeued, dequeue } from '../kernel/v4l2-queue.ts';
import { rawLayout } from '../kernel/v4l2-raw.ts';
import { DRIVER_READS } from '../wording.ts';
import { requireLinear } from './linear.ts';

/** How long a frame may take before the driver is said not to give one back; an encoder has some start-up. */
const FRAME_MS = 5000;

/** Opens the importing node for one cell, without blocking calls. The rung `open`. */
export function openVideo(
  node: string | undefined,
  what: string,
  ladder: Ladder,
): {
  readonly node: string;
  readonly fd: number;
} {
  if (node !== undefined) ladder.node(node);
  return ladder.stage('open', () => {
    const fd = openDevice(node, what, true);
    ladder.cleanup(() => closeFd(fd));
    return { node: node ?? '', fd };
  });
}

/**
 * Makes the driver read the frame as it lies in memory, where the exporter did not follow the driver's
 * layout. The rung `s-fmt` again, only where it is needed, or where the frame cannot be read at all.
 * @returns the format that now holds.
 */
export function adaptFormat(
  fd: number,
  type: number,
  set: SetFormat,
  cell: Cell,
  frame: SharedFrame,
  ladder: Ladder,
): SetFormat {
  const { layout } = frame;
  // V4L2 has no modifiers: its names of raw formats mean rows of pixels.
  if (frame.modifier !== 0n)
    ladder.stage('s-fmt', () => requireLinear(cell, frame, 'a V4L2 format for a frame'));
  const fits = (format: SetFormat): boolean => {
    const wanted = rawLayout(layout.format, layout, format);
    return wanted.planes.every(({ offset, stride }, index) => {
      const plane = layout.planes[index];
      return plane?.offset === offset && plane.stride === stride;
    });
  };
  if (fits(set)) return set;
  return ladder.stage('s-fmt', () => {
    const bytesPerLine = layout.planes[0]?.stride ?? 0;
    const { fourcc, width, height } = set;
    const changed = setFormat(fd, type, { fourcc, width, height, bytesPerLine });
    if (fits(changed)) return changed;
    const got = layout.planes.map(({ offset, stride }) => `${stride}@${offset}`).join(' ');
    const wanted = rawLayout(layout.format, layout, changed).planes;
    const asked = wanted.map(({ offset, stride }) => `${stride}@${offset}`).join(' ');
    throw new StageFailure('unsupported', null, `planes at ${got} ${DRIVER_READS} ${asked}`);
  });
}

/**
 * Waits for a buffer and takes it.
 * @param onSlow called once, when half of the time has passed.
 * @throws StageFailure ETIMEDOUT, Errno
 */
export function awaitBuffer(
  fd: number,
  type: number,
  memory: number,
  events: number,
  onSlow: () => void = () => {},
): Dequeued {
  let ready = poll(fd, events, FRAME_MS / 2);
  if (ready === 0) {
    onSlow();
    ready = poll(fd, events, FRAME_MS / 2);
  }
  if (ready === 0)
    throw new StageFailure('failed', 'ETIMEDOUT', `no buffer came back within ${FRAME_MS} ms`);
  // POLLERR: the queue has failed; DQBUF gives the errno.
  if ((ready & (events | POLLERR)) === 0)
    throw new StageFailure('failed', null, `poll: events 0x${ready.toString(16)}`);
  return dequeue(fd, type, memory);
}
