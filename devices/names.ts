import { z } from 'zod';

/**
 * Character sets of everything in a profile or lab file that ends up in a path, on a kernel command
 * line, or in an argument list. No value may begin with `-`, so none is ever taken for an option.
 */

/** A profile's or board's name: it becomes a file's and a folder's name. */
export const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, {
  error:
    'a name is letters, digits, `-`, `_` and `.`, begins with a letter or digit, and has at most 63 characters',
});

/** A kernel driver's name as DRM_IOCTL_VERSION or VIDIOC_QUERYCAP gives it, or `swrast`. */
export const DriverName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.,+-]{0,62}$/, {
  error: 'a driver is named as the kernel names it, with letters, digits and `_.,+-`',
});

/** A file below /dev/dma_heap; a region of the device tree brings its `@`. */
export const HeapName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.,+@-]{0,62}$/, {
  error: 'a heap is named as its file in /dev/dma_heap, with letters, digits and `_.,+@-`',
});

/** Text for people: one line, no control characters (it is printed to terminals). */
export const Line = z.string().regex(/^[ -~\u00a0-\uffff]{1,200}$/, {
  error: 'one line of at most 200 characters, without control characters',
});

/** Text for people, of several lines. */
export const Prose = z.string().regex(/^[ -~\u00a0-\uffff\n]{0,4000}$/, {
  error: 'a text of at most 4000 characters, without control characters',
});

/** A frame's size in pixels, as files say it: see parseSize() in planning.ts. */
export const SizeText = z.string().regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/, {
  error: 'a size is written as WIDTHxHEIGHT in pixels, such as 640x480',
});
