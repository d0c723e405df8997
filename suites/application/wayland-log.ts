import type { GivenBuffer } from './facts.ts';

/** What a Wayland client's own protocol log (WAYLAND_DEBUG=client) says of its buffers. */
export interface WaylandLog {
  /** Those given by linux-dmabuf. */
  readonly buffers: GivenBuffer[];
  /** How many were given by wl_shm instead. */
  readonly sharedMemory: number;
  /** Frames with one of either kind whose frame callback came. */
  readonly shown: number;
  readonly evidence: string[];
}

const CREATE = /-> zwp_linux_buffer_params_v1#(\d+)\.create\(/;
const ANSWER = /zwp_linux_buffer_params_v1#(\d+)\.(created|failed)\((?:new id wl_buffer#(\d+))?/;
const GAVE_UP = /-> zwp_linux_buffer_params_v1#(\d+)\.destroy\(/;
const SHM = /-> wl_shm_pool#\d+\.create_buffer\(new id wl_buffer#(\d+)/;
const FRAME = /-> wl_surface#(\d+)\.frame\(new id wl_callback#(\d+)\)/;
const ATTACH = /-> wl_surface#(\d+)\.attach\(wl_buffer#(\d+)/;
const DONE = /(?<!-> )wl_callback#(\d+)\.done\(/;
const DESTROYED = /-> wl_buffer#(\d+)\.destroy\(/;

/**
 * Reads the messages of linux-dmabuf-v1, wl_shm and wl_surface. Ids are used again once their object
 * has gone, so what an id means depends on what came before. Pure.
 */
export function readWaylandLog(lines: readonly string[]): WaylandLog {
  const buffers: GivenBuffer[] = [];
  const evidence: string[] = [];
  /** Params objects that wait for an answer. */
  const asked = new Map<string, number>();
  const ours = new Set<string>();
  /** A surface's frame callback that was asked for, and those that came with one of our buffers. */
  const callbacks = new Map<string, string>();
  const waiting = new Set<string>();
  let sharedMemory = 0;
  let shown = 0;
  const readers: readonly [RegExp, (...groups: string[]) => boolean][] = [
    [
      CREATE,
      (id) => {
        const index = buffers.length;
        asked.set(id, index);
        buffers.push({ index, answer: 'none', errno: null, text: NO_ANSWER });
        return true;
      },
    ],
    [
      ANSWER,
      (id, word, made) => {
        const index = asked.get(id);
        // A message for an object that has gone is written down, and discarded.
        if (index === undefined || !asked.delete(id)) return false;
        if (made) ours.add(made);
        const answer = word === 'created' ? 'accepted' : 'refused';
        buffers[index] = { index, answer, errno: null, text: `zwp_linux_buffer_params_v1.${word}` };
        return true;
      },
    ],
    [GAVE_UP, (id) => asked.delete(id)],
    [
      SHM,
      (id) => {
        sharedMemory += 1;
        ours.add(id);
        return true;
      },
    ],
    [
      FRAME,
      (surface, callback) => {
        callbacks.set(surface, callback);
        return false;
      },
    ],
    [
      ATTACH,
      (surface, id) => {
        const callback = callbacks.get(surface);
        callbacks.delete(surface);
        if (callback === undefined || !ours.has(id)) return false;
        waiting.add(callback);
        return true;
      },
    ],
    [
      DONE,
      (callback) => {
        if (!waiting.delete(callback)) return false;
        shown += 1;
        return true;
      },
    ],
    [DESTROYED, (id) => ours.delete(id)],
  ];
  for (const line of lines) {
    for (const [pattern, reader] of readers) {
      const [, ...groups] = pattern.exec(line) ?? [];
      if (groups.length === 0) continue;
      if (reader(...groups)) evidence.push(line);
      break;
    }
  }
  return { buffers, sharedMemory, shown, evidence };
}

const NO_ANSWER = 'zwp_linux_buffer_params_v1.create was not answered';
