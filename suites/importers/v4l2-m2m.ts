import type { BoardContext, Importer, Ladder, SharedFrame } from '../board.ts';
import { StageFailure } from '../board.ts';
import { requireWithinLimit } from '../buffer-limit.ts';
import type { Cell } from '../cell.ts';
import { contentFor } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import { formatNamed, fourcc } from '../formats.ts';
import { orBlocked } from '../kernel/busy.ts';
import { syncEnd, syncStart } from '../kernel/dma-buf.ts';
import { mmap, PROT_READ, PROT_WRITE } from '../kernel/syscalls.ts';
import {
  type QueueTypes,
  queueFormats,
  type SetFormat,
  setFormat,
  v4l2Capabilities,
} from '../kernel/v4l2.ts';
import { joinHeaders } from '../kernel/v4l2-control.ts';
import { fourccText } from '../kernel/v4l2-formats.ts';
import { rawFormat, rawLayout } from '../kernel/v4l2-raw.ts';
import { writeFrame } from './frame-memory.ts';
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
import { type Picture, verifyCoded } from './v4l2-verify.ts';

/** Coded formats by preference, where a device has more than one. */
const CODED = ['H264', 'HEVC', 'VP80', 'FWHT', 'MJPG', 'JPEG'].map(fourcc);

interface Session {
  readonly node: string;
  readonly fd: number;
  readonly types: QueueTypes;
  readonly codec: number;
  readonly raw: SetFormat;
}

/** Coded format first, since setting it may change the raw one. @throws StageFailure, Errno */
function setFormats(
  fd: number,
  cell: Cell,
  { limits }: BoardContext,
  ladder: Ladder,
): Omit<Session, 'node'> {
  const { types } = v4l2Capabilities(fd);
  const offered = queueFormats(fd, types.capture)
    .filter((format) => format.compressed)
    .map((format) => format.fourcc);
  const codec = CODED.find((code) => offered.includes(code)) ?? offered[0];
  if (codec === undefined) throw new StageFailure('unsupported', null, 'a coded format');
  const { width, height } = cell;
  // Room for a coded frame of content that hardly compresses.
  const sizeImage = Math.min(width * height * 2, limits.bufferBytes);
  const coded = setFormat(fd, types.capture, { fourcc: codec, width, height, sizeImage });
  requireWithinLimit(coded.sizeImage, limits.bufferBytes);
  const raw = rawFormat(fd, types.output, formatNamed(cell.format), cell, 'encoder input');
  joinHeaders(fd);
  ladder.note(`coded as ${fourccText(codec)}`);
  return { fd, types, codec, raw };
}

/** The importer for the encoder suite on a stateful V4L2 mem2mem encoder. */
export function v4l2M2mImporter(driver: string, context: BoardContext): Importer {
  let session: Session | null = null;
  return {
    layout: (cell, ladder) => {
      const path = context.nodes[`v4l2-m2m:${driver}`];
      const { node, fd } = openVideo(path, `V4L2 mem2mem encoder of ${driver}`, ladder);
      const opened = ladder.stage('s-fmt', () =>
        orBlocked(node, () => setFormats(fd, cell, context, ladder)),
      );
      session = { node, ...opened };
      return rawLayout(formatNamed(cell.format), cell, opened.raw);
    },
    take: (cell, frame, ladder) => {
      if (!session) throw new Error('take() before layout()');
      const { node, fd, types, codec } = session;
      const raw = adaptFormat(fd, types.output, session.raw, cell, frame, ladder);
      const content = contentFor(cell, frame.layout, nextNonce());
      writeFrame(frame, ladder, (memory) => content.write(memory));
      const encoder = ladder.stage('reqbufs', () =>
        orBlocked(node, () => {
          const ready = setUpQueues({ fd, types, codec, sizeImage: raw.sizeImage }, ladder);
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
      const name = [node, codec, raw.fourcc, `${cell.width}x${cell.height}`].join(' ');
      const recode = (picture: Picture) => codeAgain(encoder, cell, frame, picture, ladder);
      ladder.stage('verify', () => verifyCoded(name, first, recode, ladder));
    },
  };
}

/** Codes from the same buffer once more, as the first picture of a new stream. */
function codeAgain(
  encoder: Encoder,
  cell: Cell,
  frame: SharedFrame,
  picture: Picture,
  ladder: Ladder,
): Buffer {
  stop(encoder);
  if (picture === 'other') refill(cell, frame);
  offerCoded(encoder);
  offerFrame(encoder, frame);
  start(encoder);
  return takeCoded(encoder, ladder);
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
