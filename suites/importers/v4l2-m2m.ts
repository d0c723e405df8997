import type { BoardContext, Importer, Ladder, SharedFrame } from '../board.ts';
import { StageFailure } from '../board.ts';
import type { Cell } from '../cell.ts';
import { contentFor } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import { formatNamed, fourcc } from '../formats.ts';
import { orBlocked } from '../kernel/busy.ts';
import { syncEnd, syncStart } from '../kernel/dma-buf.ts';
import { Errno } from '../kernel/errno.ts';
import { mmap, PROT_READ, PROT_WRITE } from '../kernel/syscalls.ts';
import {
  type QueueTypes,
  queueFormats,
  type SetFormat,
  setFormat,
  v4l2Capabilities,
} from '../kernel/v4l2.ts';
import { fourccText } from '../kernel/v4l2-formats.ts';
import { rawFormat, rawLayout } from '../kernel/v4l2-raw.ts';
import { writeFrame } from './frame-memory.ts';
import { codedFacts } from './v4l2-coded.ts';
import {
  type Encoder,
  offerCoded,
  offerFrame,
  setUpQueues,
  start,
  stop,
  takeCoded,
} from './v4l2-encoder.ts';
import { adaptFormat, openVideo } from './v4l2-session.ts';

/** Coded formats by preference, where a device has more than one. */
const CODED = ['H264', 'HEVC', 'VP80', 'FWHT', 'MJPG', 'JPEG'].map(fourcc);

interface Session {
  readonly node: string;
  readonly fd: number;
  readonly types: QueueTypes;
  readonly raw: SetFormat;
}

/** Coded format first, since setting it may change the raw one. @throws StageFailure, Errno */
function setFormats(fd: number, cell: Cell, ladder: Ladder): Omit<Session, 'node'> {
  const { types } = v4l2Capabilities(fd);
  const offered = queueFormats(fd, types.capture)
    .filter((format) => format.compressed)
    .map((format) => format.fourcc);
  const coded = CODED.find((code) => offered.includes(code)) ?? offered[0];
  if (coded === undefined) throw new StageFailure('unsupported', null, 'a coded format');
  const { width, height } = cell;
  // Room for a coded frame of content that hardly compresses.
  setFormat(fd, types.capture, { fourcc: coded, width, height, sizeImage: width * height * 2 });
  const raw = rawFormat(fd, types.output, formatNamed(cell.format), cell, 'encoder input');
  ladder.note(`coded as ${fourccText(coded)}`);
  return { fd, types, raw };
}

/** The importer for the encoder suite on a stateful V4L2 mem2mem encoder. */
export function v4l2M2mImporter(driver: string, context: BoardContext): Importer {
  let session: Session | null = null;
  return {
    layout: (cell, ladder) => {
      const path = context.nodes[`v4l2-m2m:${driver}`];
      const { node, fd } = openVideo(path, `V4L2 mem2mem encoder of ${driver}`, ladder);
      const opened = ladder.stage('s-fmt', () =>
        orBlocked(node, () => setFormats(fd, cell, ladder)),
      );
      session = { node, ...opened };
      return rawLayout(formatNamed(cell.format), cell, opened.raw);
    },
    take: (cell, frame, ladder) => {
      if (!session) throw new Error('take() before layout()');
      const { node, fd, types } = session;
      const raw = adaptFormat(fd, types.output, session.raw, cell, frame, ladder);
      const content = contentFor(cell, frame.layout, nextNonce());
      writeFrame(frame, ladder, (memory) => content.write(memory));
      const encoder = ladder.stage('reqbufs', () =>
        orBlocked(node, () => {
          const ready = setUpQueues(fd, types, raw.sizeImage, ladder);
          offerCoded(ready);
          return ready;
        }),
      );
      ladder.stage('qbuf', () => offerFrame(encoder, frame));
      ladder.stage('streamon', () => {
        start(encoder);
        ladder.cleanup(() => stop(encoder));
      });
      const first = ladder.stage('dequeue', () => {
        const bytes = takeCoded(encoder, ladder);
        ladder.note(`${bytes.length} coded bytes`);
        return bytes;
      });
      ladder.stage('verify', () => verify(encoder, cell, frame, first, ladder));
    },
  };
}

/**
 * Encodes another picture from the same buffer, as the first one of a new stream, and wants other
 * bytes: a device that reads zeros or stale memory gives the same ones.
 */
function verify(
  encoder: Encoder,
  cell: Cell,
  frame: SharedFrame,
  first: Buffer,
  ladder: Ladder,
): void {
  let second: Buffer;
  try {
    stop(encoder);
    refill(cell, frame);
    offerCoded(encoder);
    offerFrame(encoder, frame);
    start(encoder);
    second = takeCoded(encoder, ladder);
  } catch (error) {
    const words = error instanceof Errno || error instanceof StageFailure ? error.message : null;
    if (words === null) throw error;
    ladder.note(`only one picture was encoded, a second stream failed: ${words}`);
    ladder.verified(codedFacts(1, 'a coded frame', null));
    return;
  }
  const same = first.equals(second) ? 'the same bytes for two pictures' : null;
  ladder.verified(codedFacts(2, 'coded frames that differ as the pictures do', same));
}

function refill(cell: Cell, frame: SharedFrame): void {
  const mapping = mmap(frame.fd, frame.size, PROT_READ | PROT_WRITE);
  try {
    syncStart(frame.fd, 'write');
    contentFor(cell, frame.layout, nextNonce()).write(mapping.bytes);
    syncEnd(frame.fd, 'write');
  } finally {
    mapping.unmap();
  }
}
