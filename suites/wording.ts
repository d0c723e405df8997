/**
 * Words that the agent puts into a rung's `detail` and that causes are told by on the host. They stand
 * here so that neither end can change them alone; records of old runs have them, so they stay.
 */

/** EGL_BAD_ALLOC says no more: the kernel was asked once more (suites/importers/egl-image.ts). */
export const KERNEL_REFUSES = 'the kernel refuses it';
export const KERNEL_TAKES = 'the kernel takes it';

/** A display that refuses the picture in memory of its own (suites/importers/kms-control.ts). */
export const OWN_MEMORY_AS_WELL = 'of its own memory as well';

/** `planes at 2560@0 1280@1228800 (stride@offset); the driver reads 640@0`: V4L2's own layout. */
export const DRIVER_READS = '(stride@offset); the driver reads';

/** A buffer that is larger than the plan or the board's free memory allows (suites/buffer-limit.ts). */
export const BUFFER_LIMIT = 'limit of one buffer';

/** udmabuf's own limits (suites/backends/sealed-memory.ts). */
export const LIST_LIMIT = "udmabuf's list_limit";
export const SIZE_LIMIT = "udmabuf's size_limit_mb";

/** What the holder of a display is called (suites/importers/kms-test-commit.ts). */
export const DRM_MASTER = 'DRM master of';
