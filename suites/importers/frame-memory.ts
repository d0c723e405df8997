import type { Ladder, SharedFrame } from '../board.ts';
import { syncEnd, syncStart } from '../kernel/dma-buf.ts';
import { type Mapping, mmap, PROT_READ, PROT_WRITE } from '../kernel/syscalls.ts';

/** The CPU fills the frame between SYNC START and END. The rungs `map` and `sync`. */
export function writeFrame(
  frame: SharedFrame,
  ladder: Ladder,
  fill: (memory: Buffer) => void,
): void {
  const mapping = mapFrame(frame, PROT_READ | PROT_WRITE, ladder);
  ladder.stage('sync', () => {
    syncStart(frame.fd, 'write');
    fill(mapping.bytes);
    syncEnd(frame.fd, 'write');
  });
}

/** The CPU looks at the frame between SYNC START and END. The rungs `map`, `sync` and `verify`. */
export function readFrame(
  frame: SharedFrame,
  ladder: Ladder,
  look: (memory: Buffer) => void,
): void {
  const mapping = mapFrame(frame, PROT_READ, ladder);
  ladder.stage('sync', () => syncStart(frame.fd, 'read'));
  ladder.stage('verify', () => {
    try {
      look(mapping.bytes);
    } finally {
      syncEnd(frame.fd, 'read');
    }
  });
}

function mapFrame(frame: SharedFrame, prot: number, ladder: Ladder): Mapping {
  return ladder.stage('map', () => {
    const mapping = mmap(frame.fd, frame.size, prot);
    ladder.cleanup(mapping.unmap);
    return mapping;
  });
}
