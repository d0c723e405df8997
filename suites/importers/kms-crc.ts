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
import type { KmsDevice } from './kms-device.ts';
import type { Pipe } from './kms-pipe.ts';

/** A frame at 60 Hz, with room for a software composer. */
const CRC_MS = 3000;
/** The first ones may still be of the picture before. */
const SETTLED = 3;

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

/** The checksum of what the CRTC shows now. @throws StageFailure ETIMEDOUT, Node's file errors */
export function readCrc(folder: string): string {
  writeFileSync(`${folder}/control`, 'auto');
  const fd = openSync(`${folder}/data`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const line = Buffer.alloc(1024);
    let crc = '';
    for (let seen = 0; seen < SETTLED; seen++) {
      if (poll(fd, POLLIN, CRC_MS) === 0)
        throw new StageFailure('failed', 'ETIMEDOUT', `no CRTC checksum within ${CRC_MS} ms`);
      // `0xFRAME 0xVALUE...`, one line a read.
      const words = text(line.subarray(0, readSync(fd, line)))
        .trim()
        .split(/\s+/);
      crc = words.slice(1).join(' ');
    }
    return crc;
  } finally {
    closeSync(fd);
  }
}
