import { test } from '@japa/runner';
import { MEMORY_DMABUF, MEMORY_MMAP, missingIoMode } from './v4l2-buffers.ts';

const MMAP = 0x1;
const USERPTR = 0x2;
const DMABUF = 0x4;
const ORPHANED = 0x10;

test('a queue that takes the memory, or does not tell, lacks nothing')
  .with([
    { capabilities: MMAP | DMABUF | ORPHANED, memory: MEMORY_DMABUF },
    { capabilities: MMAP | ORPHANED, memory: MEMORY_MMAP },
    { capabilities: 0, memory: MEMORY_DMABUF },
  ])
  .run(({ assert }, { capabilities, memory }) => {
    assert.isNull(missingIoMode(capabilities, memory));
  });

test('what a queue lacks is named, and what it takes instead')
  .with([
    {
      capabilities: MMAP | USERPTR | ORPHANED,
      memory: MEMORY_DMABUF,
      words: 'V4L2_BUF_CAP_SUPPORTS_DMABUF (the queue takes MMAP, USERPTR)',
    },
    {
      capabilities: DMABUF,
      memory: MEMORY_MMAP,
      words: 'V4L2_BUF_CAP_SUPPORTS_MMAP (the queue takes DMABUF)',
    },
  ])
  .run(({ assert }, { capabilities, memory, words }) => {
    assert.equal(missingIoMode(capabilities, memory), words);
  });
