import { gstreamer } from './gstreamer.ts';
import type { Output, Program, Reading } from './program.ts';
import { readWaylandLog } from './wayland-log.ts';

/**
 * waylandsink waits one second for an answer, and a compositor on an emulated processor needs up to
 * three to compile the shaders for its first frame.
 */
const FRAMES_A_SECOND = '1/4';

/**
 * GStreamer's waylandsink, which offers its source a pool of udmabuf, else of shared memory
 * (subprojects/gst-plugins-bad/gst-libs/gst/wayland).
 */
export const waylandsink: Program = {
  name: 'waylandsink',
  policy: 'gstreamer-1.28-waylandsink',
  // The compositor is one with a GL renderer.
  suite: 'egl-sample',
  needsCompositor: true,
  files: {},
  versionCommand: gstreamer.versionCommand,
  readVersion: gstreamer.readVersion,
  start: (task) => ({
    argv: gstreamer.argv(task, FRAMES_A_SECOND, ['waylandsink']),
    environment: {
      GST_DEBUG: 'waylandsink:4,wl_dmabuf:6,udmabuf:6',
      GST_DEBUG_NO_COLOR: '1',
      WAYLAND_DEBUG: 'client',
    },
  }),
  read,
};

const ALLOCATOR = /gst_wl_linux_dmabuf_construct_wl_buffer:<([a-z]+)allocator\d*>/;

function read({ lines }: Output): Reading {
  const { buffers, sharedMemory, shown, evidence } = readWaylandLog(lines);
  const named = lines.filter((line) => ALLOCATOR.test(line));
  const allocators = new Set(named.map((line) => ALLOCATOR.exec(line)?.[1]));
  const [allocator] = allocators;
  if (allocators.size > 1 || (allocator !== undefined && allocator !== 'udmabuf')) {
    throw new Error(`waylandsink allocates from ${[...allocators].join(' and ')}`);
  }
  if (buffers.length > 0 && allocator === undefined) {
    throw new Error('waylandsink gave dma-bufs and names no allocator');
  }
  const provider = allocator ?? (sharedMemory > 0 ? 'memory' : null);
  return { provider, buffers, shown, evidence: [...named, ...evidence] };
}
