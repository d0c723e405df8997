import { ftruncateSync } from 'node:fs';
import { test } from '@japa/runner';
import { contiguity, framesAreVisible, pageFrames } from './pagemap.ts';
import { closeFd, memfdCreate, mmap, PROT_READ, PROT_WRITE, pageBytes } from './syscalls.ts';

test('runs of page frames are counted')
  .with([
    { frames: [7], segments: 1, pages: 1 },
    { frames: [7, 8, 9], segments: 1, pages: 3 },
    { frames: [9, 8, 7], segments: 3, pages: 1 },
    { frames: [1, 2, 9, 10, 11, 4], segments: 3, pages: 3 },
    // The same page twice is no run: what udmabuf-scattered ends with.
    { frames: [5, 5], segments: 2, pages: 1 },
  ])
  .run(({ assert }, { frames, segments, pages }) => {
    assert.deepEqual(contiguity(frames), { segments, longestRun: pages * pageBytes });
  });

test('frames of a mapping are known for touched pages, where permitted', ({ assert }) => {
  const pages = 5;
  const memfd = memfdCreate('pagemap-spec', 1);
  ftruncateSync(memfd, pages * pageBytes);
  const mapping = mmap(memfd, pages * pageBytes, PROT_READ | PROT_WRITE);
  try {
    assert.isNull(pageFrames(mapping.address, pages), 'not yet present');
    for (let page = 0; page < pages; page++) mapping.bytes[page * pageBytes] = 1;
    const frames = pageFrames(mapping.address, pages);
    assert.equal(frames === null, !framesAreVisible());
    if (frames) assert.equal(new Set(frames).size, pages);
  } finally {
    mapping.unmap();
    closeFd(memfd);
  }
});
