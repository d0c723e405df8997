import { closeSync, constants, openSync } from 'node:fs';
import type { Inventory } from '../inventory.ts';
import {
  isMultiplanar,
  type QueueFormat,
  queueFormats,
  type V4l2Capabilities,
  v4l2Capabilities,
} from './v4l2.ts';
import { fourccText } from './v4l2-formats.ts';

type V4l2Device = Inventory['v4l2'][number];

/** What a V4L2 video node says of itself by ioctl. */
export type V4l2Description = Omit<V4l2Device, 'node' | 'iommuGroup' | 'iommuType'>;

interface Queues {
  readonly output: readonly QueueFormat[];
  readonly capture: readonly QueueFormat[];
}

/**
 * A stateful encoder takes raw frames on OUTPUT and gives coded ones on CAPTURE; a decoder has it the
 * other way round.
 */
function kindOf(caps: V4l2Capabilities, { output, capture }: Queues): V4l2Device['kind'] {
  if (caps.m2m) {
    const encodes =
      output.length > 0 &&
      output.every((format) => !format.compressed) &&
      capture.some((format) => format.compressed);
    return encodes ? 'm2m-encoder' : 'm2m';
  }
  if (caps.output) return 'output';
  return caps.capture ? 'capture' : 'other';
}

const names = (formats: readonly QueueFormat[]): string[] =>
  formats.map((format) => fourccText(format.fourcc));

/** Asks a V4L2 video node what it is. @throws Errno, or Node's error of open(2) */
export function describeV4l2(path: string): V4l2Description {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const caps = v4l2Capabilities(fd);
    const queues: Queues = {
      output: caps.m2m || caps.output ? queueFormats(fd, caps.types.output) : [],
      capture: caps.m2m || caps.capture ? queueFormats(fd, caps.types.capture) : [],
    };
    return {
      driver: caps.driver,
      card: caps.card,
      bus: caps.bus,
      kind: kindOf(caps, queues),
      multiplanar: isMultiplanar(caps.types.output),
      outputFormats: names(queues.output),
      captureFormats: names(queues.capture),
    };
  } finally {
    closeSync(fd);
  }
}
