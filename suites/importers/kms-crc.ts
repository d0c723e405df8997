import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { StageFailure } from '../board.ts';
import { text } from '../kernel/drm.ts';
import { POLLIN, poll } from '../kernel/syscalls.ts';
import type { VerifyFacts } from '../record.ts';
import type { KmsDevice } from './kms-device.ts';
import type { Pipe } from './kms-pipe.ts';

/** A frame at 60 Hz, with room for a software composer. */
const CRC_MS = 3000;
/** The first ones may still be of the picture before. */
const SETTLED = 4;

/** debugfs's folder of that CRTC's checksums (drivers/gpu/drm/drm_debugfs_crc.c), or null without. */
export function crcFolder(device: KmsDevice, pipe: Pipe): string | null {
  // glibc's gnu_dev_minor: the low byte, and the bits above 20 at their place.
  const { rdev } = statSync(device.node);
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  const folder = `/sys/kernel/debug/dri/${minor}/crtc-${pipe.crtcIndex}/crc`;
  try {
    return existsSync(`${folder}/data`) ? folder : null;
  } catch {
    return null;
  }
}

/**
 * The checksum of what the CRTC shows now.
 * @throws StageFailure where none comes or it is not the same twice, Node's file errors
 */
export function readCrc(folder: string): string {
  writeFileSync(`${folder}/control`, 'auto');
  const fd = openSync(`${folder}/data`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const line = Buffer.alloc(1024);
    let before = '';
    let crc = '';
    for (let seen = 0; seen < SETTLED; seen++) {
      if (poll(fd, POLLIN, CRC_MS) === 0)
        throw new StageFailure('failed', 'ETIMEDOUT', `no CRTC checksum within ${CRC_MS} ms`);
      // `0xFRAME 0xVALUE...`, one line a read.
      const words = text(line.subarray(0, readSync(fd, line)))
        .trim()
        .split(/\s+/);
      before = crc;
      crc = words.slice(1).join(' ');
    }
    if (crc !== before)
      throw new StageFailure('failed', null, 'the CRTC checksum of a still picture changes');
    return crc;
  } finally {
    closeSync(fd);
  }
}

/** Checksums of the frame, of the same picture in the device's own memory, and of another one there. */
export interface Crcs {
  readonly got: string;
  readonly expected: string;
  readonly other: string;
}

/**
 * What the checksums say of the frame.
 * @throws StageFailure where they do not tell two pictures apart, and so say nothing
 */
export function compareCrcs({ got, expected, other }: Crcs): VerifyFacts {
  if (other === expected)
    throw new StageFailure('failed', null, 'the CRTC checksum of another picture is the same');
  const facts = { compared: 1, wrong: got === expected ? 0 : 1, tolerance: 0 };
  const first = got === expected ? {} : { first: { x: 0, y: 0, expected, got } };
  return { ...facts, control: 'none', ...first };
}
