import koffi from 'koffi/indirect';
import { StageFailure } from '../board.ts';
import { errnoSymbol } from './errno.ts';
import { type CFunction, functions, library } from './library.ts';
import { POINTER_BYTES } from './struct.ts';

/** Mesa's buffer manager (gbm.h). Devices and buffer objects are addresses. */
export type GbmHandle = number | bigint;

export const GBM_BO_USE_SCANOUT = 1;
export const GBM_BO_USE_RENDERING = 4;
export const GBM_BO_USE_LINEAR = 16;

/** DRM_FORMAT_MOD_INVALID: the driver does not say. */
export const MODIFIER_INVALID = 0x00ffffffffffffffn;

const DECLARATIONS = {
  gbm_create_device: 'uintptr_t gbm_create_device(int)',
  gbm_device_destroy: 'void gbm_device_destroy(uintptr_t)',
  gbm_bo_create: 'uintptr_t gbm_bo_create(uintptr_t, uint32_t, uint32_t, uint32_t, uint32_t)',
  gbm_device_is_format_supported:
    'int gbm_device_is_format_supported(uintptr_t, uint32_t, uint32_t)',
  gbm_bo_destroy: 'void gbm_bo_destroy(uintptr_t)',
  gbm_bo_get_fd: 'int gbm_bo_get_fd(uintptr_t)',
  gbm_bo_get_plane_count: 'int gbm_bo_get_plane_count(uintptr_t)',
  gbm_bo_get_stride_for_plane: 'uint32_t gbm_bo_get_stride_for_plane(uintptr_t, int)',
  gbm_bo_get_offset: 'uint32_t gbm_bo_get_offset(uintptr_t, int)',
  // union gbm_bo_handle has 8 bytes: a register's worth on 64-bit machines; 32-bit Arm is told as a
  // hidden first argument where to put it (AAPCS).
  gbm_bo_get_handle_for_plane:
    POINTER_BYTES === 8
      ? 'uint64_t gbm_bo_get_handle_for_plane(uintptr_t, int)'
      : 'void gbm_bo_get_handle_for_plane(void *, uintptr_t, int)',
  gbm_bo_get_modifier: 'uint64_t gbm_bo_get_modifier(uintptr_t)',
} as const;

let bound: Readonly<Record<keyof typeof DECLARATIONS, CFunction>> | undefined;

function gbm() {
  bound ??= functions(library('libgbm.so.1'), DECLARATIONS);
  return bound;
}

function failure(call: string): StageFailure {
  const errno = koffi.errno();
  return new StageFailure('failed', errno === 0 ? null : errnoSymbol(errno), call);
}

/** gbm_create_device on an open DRM node, which must stay open. @throws StageFailure */
export function createGbmDevice(fd: number): GbmHandle {
  const device: GbmHandle = gbm().gbm_create_device(fd);
  if (!device) throw failure('gbm_create_device');
  return device;
}

export function destroyGbmDevice(device: GbmHandle): void {
  gbm().gbm_device_destroy(device);
}

/**
 * gbm_bo_create; `use` are GBM_BO_USE_ flags.
 * @throws StageFailure `unsupported` where the device does not list the format for that use either.
 */
export function createBo(
  device: GbmHandle,
  width: number,
  height: number,
  fourcc: number,
  use: number,
): GbmHandle {
  const bo: GbmHandle = gbm().gbm_bo_create(device, width, height, fourcc, use);
  if (bo) return bo;
  const refused = failure(`gbm_bo_create (use 0x${use.toString(16)})`);
  // Asked after the attempt: a driver's list is a claim, and the attempt is not.
  if (gbm().gbm_device_is_format_supported(device, fourcc, use) !== 0) throw refused;
  const what = `${refused.message}, and gbm_device_is_format_supported says no`;
  throw new StageFailure('unsupported', refused.errno, what);
}

export function destroyBo(bo: GbmHandle): void {
  gbm().gbm_bo_destroy(bo);
}

/** A new dma-buf fd of the buffer object. @throws StageFailure */
export function boFd(bo: GbmHandle): number {
  const fd = gbm().gbm_bo_get_fd(bo);
  if (fd < 0) throw failure('gbm_bo_get_fd');
  return fd;
}

/** Where the planes lie, in bytes. */
export function boPlanes(bo: GbmHandle): { offset: number; stride: number }[] {
  const count = gbm().gbm_bo_get_plane_count(bo);
  return Array.from({ length: count }, (_, plane) => ({
    offset: gbm().gbm_bo_get_offset(bo, plane),
    stride: gbm().gbm_bo_get_stride_for_plane(bo, plane),
  }));
}

/** The GEM handle of the memory that a plane lies in; null where Mesa does not say. */
function planeHandle(bo: GbmHandle, plane: number): number | null {
  const union = Buffer.alloc(8);
  if (POINTER_BYTES === 8)
    union.writeBigUInt64LE(BigInt(gbm().gbm_bo_get_handle_for_plane(bo, plane)));
  else gbm().gbm_bo_get_handle_for_plane(union, bo, plane);
  // Mesa's drivers set the 32-bit member alone, and that to -1 where they fail.
  const handle = union.readInt32LE();
  return handle === -1 ? null : handle;
}

/** How many different memories the buffer object's planes are known to lie in; at least one. */
export function boMemories(bo: GbmHandle, planes: number): number {
  const handles = Array.from({ length: planes }, (_, plane) => planeHandle(bo, plane));
  return Math.max(1, new Set(handles.filter((handle) => handle !== null)).size);
}

/** The modifier, or null where the driver does not say. */
export function boModifier(bo: GbmHandle): bigint | null {
  const modifier = BigInt(gbm().gbm_bo_get_modifier(bo));
  return modifier === MODIFIER_INVALID ? null : modifier;
}
