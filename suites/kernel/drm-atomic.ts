import * as layouts from './drm-structs.ts';
import { INT, iowr } from './ioctl-number.ts';
import { addressOf, ioctl } from './syscalls.ts';

/** Framebuffers and atomic commits. */
const RMFB = iowr('d', 0xaf, INT);
const ADDFB2 = iowr('d', 0xb8, layouts.drmModeFbCmd2);
const ATOMIC = iowr('d', 0xbc, layouts.drmModeAtomic);

const DRM_MODE_FB_MODIFIERS = 2;

export const ATOMIC_TEST_ONLY = 0x100;
export const ATOMIC_ALLOW_MODESET = 0x400;

export interface FramebufferRequest {
  readonly width: number;
  readonly height: number;
  readonly format: number;
  readonly handle: number;
  readonly planes: readonly { readonly offset: number; readonly stride: number }[];
  /** Null: no modifier is told, the driver asks its own bookkeeping. */
  readonly modifier: bigint | null;
}

/** ADDFB2 with all planes in one buffer. @returns the framebuffer's id. @throws Errno */
export function addFb2(fd: number, request: FramebufferRequest): number {
  const { drmModeFbCmd2: layout } = layouts;
  const { planes, modifier } = request;
  const arg = layout.make({
    width: request.width,
    height: request.height,
    pixel_format: request.format,
    flags: modifier === null ? 0 : DRM_MODE_FB_MODIFIERS,
    handles: planes.map(() => request.handle),
    pitches: planes.map((plane) => plane.stride),
    offsets: planes.map((plane) => plane.offset),
    modifier: modifier === null ? [] : planes.map(() => modifier),
  });
  ioctl(fd, ADDFB2, arg, 'ADDFB2');
  return layout.get(arg, 'fb_id');
}

/** Removes a framebuffer; a plane that shows it is switched off by that. @throws Errno */
export function removeFb(fd: number, framebuffer: number): void {
  const arg = Buffer.alloc(4);
  arg.writeUInt32LE(framebuffer);
  ioctl(fd, RMFB, arg, 'RMFB');
}

/** One property of one object to be set. */
export interface PropertyChange {
  readonly object: number;
  readonly property: number;
  readonly value: bigint;
}

/** All changes at once, or none. @throws Errno */
export function atomicCommit(fd: number, flags: number, changes: readonly PropertyChange[]): void {
  const objects = [...new Set(changes.map((change) => change.object))];
  // The kernel wants each object's properties side by side, in the order of the objects.
  const sorted = objects.flatMap((object) => changes.filter((change) => change.object === object));
  const ids = Buffer.alloc(Math.max(1, objects.length) * 4);
  const counts = Buffer.alloc(ids.length);
  objects.forEach((object, index) => {
    ids.writeUInt32LE(object, index * 4);
    counts.writeUInt32LE(sorted.filter((change) => change.object === object).length, index * 4);
  });
  const properties = Buffer.alloc(Math.max(1, sorted.length) * 4);
  const values = Buffer.alloc(Math.max(1, sorted.length) * 8);
  sorted.forEach(({ property, value }, index) => {
    properties.writeUInt32LE(property, index * 4);
    values.writeBigUInt64LE(BigInt.asUintN(64, value), index * 8);
  });
  const arg = layouts.drmModeAtomic.make({
    flags,
    count_objs: objects.length,
    objs_ptr: addressOf(ids),
    count_props_ptr: addressOf(counts),
    props_ptr: addressOf(properties),
    prop_values_ptr: addressOf(values),
  });
  const what = flags & ATOMIC_TEST_ONLY ? 'MODE_ATOMIC (TEST_ONLY)' : 'MODE_ATOMIC';
  ioctl(fd, ATOMIC, arg, what);
  // The engine may collect a Buffer after its last use: these must outlive the call.
  keep(ids, counts, properties, values);
}

function keep(..._buffers: readonly Buffer[]): void {}
