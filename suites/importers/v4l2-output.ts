import type { BoardContext, Importer } from '../board.ts';
import { contentFor } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import { formatNamed } from '../formats.ts';
import { orBlocked } from '../kernel/busy.ts';
import { POLLOUT } from '../kernel/syscalls.ts';
import { type SetFormat, v4l2Capabilities } from '../kernel/v4l2.ts';
import { MEMORY_DMABUF, requestBuffers } from '../kernel/v4l2-buffers.ts';
import { queueDmaBuf, streamOff, streamOn } from '../kernel/v4l2-queue.ts';
import { rawFormat, rawLayout } from '../kernel/v4l2-raw.ts';
import { writeFrame } from './frame-memory.ts';
import { reportError } from './v4l2-coded.ts';
import { adaptFormat, awaitBuffer, openVideo } from './v4l2-session.ts';

/** Some drivers start only with two buffers queued; the one dma-buf is queued as both. */
const BUFFERS = 2;

interface Session {
  readonly node: string;
  readonly fd: number;
  readonly type: number;
  readonly set: SetFormat;
}

/** The importer for the encoder suite on a V4L2 output device, such as a video transmitter. */
export function v4l2OutputImporter(driver: string, context: BoardContext): Importer {
  let session: Session | null = null;
  return {
    layout: (cell, ladder) => {
      const path = context.nodes[`v4l2-output:${driver}`];
      const { node, fd } = openVideo(path, `V4L2 output device of ${driver}`, ladder);
      const format = formatNamed(cell.format);
      const opened = ladder.stage('s-fmt', () => {
        const type = v4l2Capabilities(fd).types.output;
        const set = orBlocked(node, () => rawFormat(fd, type, format, cell, 'V4L2 output'));
        return { node, fd, type, set };
      });
      session = opened;
      return rawLayout(format, cell, opened.set);
    },
    take: (cell, frame, ladder) => {
      if (!session) throw new Error('take() before layout()');
      const { node, fd, type } = session;
      const set = adaptFormat(fd, type, session.set, cell, frame, ladder);
      const content = contentFor(cell, frame.layout, nextNonce());
      writeFrame(frame, ladder, (memory) => content.write(memory));
      const count = ladder.stage('reqbufs', () => {
        const given = orBlocked(node, () => requestBuffers(fd, type, MEMORY_DMABUF, BUFFERS));
        ladder.cleanup(() => requestBuffers(fd, type, MEMORY_DMABUF, 0));
        return given;
      });
      ladder.stage('qbuf', () => {
        const buffer = { dmaBuf: frame.fd, length: frame.size, bytesUsed: set.sizeImage };
        for (let index = 0; index < Math.min(count, BUFFERS); index++)
          queueDmaBuf(fd, type, index, buffer);
      });
      ladder.stage('streamon', () => {
        streamOn(fd, type);
        ladder.cleanup(() => streamOff(fd, type));
      });
      ladder.stage('dequeue', () => {
        const shown = awaitBuffer(fd, type, MEMORY_DMABUF, POLLOUT);
        reportError(shown, 'the frame', ladder);
        ladder.note('not verified: an output device gives nothing back');
      });
    },
  };
}
